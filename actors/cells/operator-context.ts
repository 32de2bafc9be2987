/** operatorContext: what an operator knows about where it runs, and how it reports what fails outside a call. */

import type { Address, CellContext, Directive, Services } from "../../runtime/index.ts";
import { eventHash } from "../epochs/failed-events.ts";
import type { OperatorContext } from "../operator.ts";
import { OperatorFailedError, type ReplayPolicy } from "./operator-stage.ts";

/** Which operator, and where it runs. */
export interface OperatorPlace {
  readonly job: string;
  readonly operator: string;
  readonly instance: number;
  readonly parallelism: number;
  readonly address: Address;
  readonly incarnation: number;
  readonly services: Services;
}

/** What becomes of what an operator reports. */
export interface OperatorReports {
  readonly wake: () => void;
  readonly deadLetter: (value: unknown, error: unknown) => void;
  readonly decide: (error: unknown) => Directive;
  readonly replay: ReplayPolicy | undefined;
}

export function operatorContext(cell: CellContext, place: OperatorPlace, reports: OperatorReports): OperatorContext {
  const { job, operator, instance, parallelism, address, incarnation, services } = place;
  const { wake, deadLetter, decide, replay } = reports;
  return {
    job,
    operator,
    instance,
    parallelism,
    address,
    incarnation,
    clock: cell.clock,
    random: cell.random,
    logger: cell.logger,
    services,
    wake,
    deadLetter,
    fail: (error, canResume = true) => {
      const directive = decide(error);
      const decided = directive === "resume" && !canResume ? "restart" : directive;
      cell.fail(new OperatorFailedError({ name: operator, address }, decided, error));
    },
    failEvent: (value, error) => {
      const directive = decide(error);
      const event = directive === "restart" && replay !== undefined ? eventHash(value) : undefined;
      const isTriedAgain =
        event !== undefined && replay !== undefined && replay.failureCount(event) < replay.retriesMax;
      if (directive === "resume" || (directive === "restart" && !isTriedAgain)) deadLetter(value, error);
      if (directive === "resume" || (event !== undefined && !isTriedAgain)) return;
      cell.fail(new OperatorFailedError({ name: operator, address }, directive, error, event));
    },
  };
}
