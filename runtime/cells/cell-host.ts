/** CellHost: what a cell is told when it is made, and what it needs of the host it lives on. */

import type { Address } from "../address.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Random } from "../seams/random.ts";
import type { CellContext, CellHostServices, CellLogic, CellSpec } from "./cell-logic.ts";
import type { CellReport } from "./cell-report.ts";
import type { Turnable } from "./turn-scheduler.ts";

/** What a cell needs of the host it lives on. */
export interface CellHost extends CellHostServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly progress: Int32Array;
  schedule(cell: Turnable): void;
  report(supervisor: Address, report: CellReport): void;
  answer(ask: { readonly id: number; readonly host: number }, outcome: AskOutcome): void;
  /** Resolves to the logic that `spec` describes. */
  createLogic(spec: CellSpec, context: CellContext): Promise<CellLogic>;
}

export type AskOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

export interface CellSettings {
  readonly address: Address;
  readonly supervisor: Address;
  readonly mailboxMessagesMax: number;
}
