/** operatorContext: what an operator knows about where it runs, and how it reports what fails outside a call. */

import type { Address, CellContext, Directive, Services } from "../../runtime/index.ts";
import { type ReplayPolicy, verdictOnEvent } from "../epochs/failed-events.ts";
import type { TakenEvent } from "../letters/event-dead-letter.ts";
import type { EarlierEvent, PartContext } from "../operator.ts";
import { failureOf, OperatorFailedError } from "./operator-failed-error.ts";

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
  readonly giveUp: (value: unknown, error: unknown, event: TakenEvent | undefined) => void;
  readonly decide: (error: unknown) => Directive;
  readonly replay: ReplayPolicy | undefined;
  readonly readingMs: () => number;
}

export function operatorContext(cell: CellContext, place: OperatorPlace, reports: OperatorReports): PartContext {
  const { job, operator, instance, parallelism, address, incarnation, services } = place;
  const { wake, giveUp, decide, replay, readingMs } = reports;
  const stage = { name: operator, address };
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
    readingMs,
    wake,
    deadLetter: (value, error, event) => giveUp(value, error, event && betweenBatches(event)),
    fail: (error, canResume = true) => {
      const directive = decide(error);
      const decided = directive === "resume" && !canResume ? "restart" : directive;
      cell.fail(new OperatorFailedError(stage, decided, error));
    },
    failEvent: (value, error, event) => {
      const verdict = verdictOnEvent(value, decide(error), replay);
      if (verdict.kind === "give-up") {
        giveUp(value, error, betweenBatches({ ...event, attempts: verdict.attempts * event.attempts }));
        if (verdict.next === "resume") return;
      }
      cell.fail(failureOf(stage, verdict, error));
    },
  };
}

function betweenBatches({ input = 0, ...event }: EarlierEvent): TakenEvent {
  return { ...event, input, batchIndex: undefined };
}
