/**
 * CellLogic: what a cell runs. The seam between the runtime, which owns mailbox, turns, phases and supervision, and the
 * kinds of actor above it: people's actors (runtime/actor) and stream cells (actors/).
 *
 * A logic is driven by one thread and never re-entered. It may throw anywhere: the cell turns that into a supervised
 * failure. One incarnation is one logic object; a restart makes a new one.
 */

import type { Address } from "../address.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Random } from "../seams/random.ts";
import type { Services } from "../seams/services.ts";

/** Returned by a turn: `"more"` asks for another one, `"idle"` waits for `wake()`, a message or a signal. */
export type TurnResult = "more" | "idle";

export interface CellLogic {
  /** Opens resources. Messages and signals are held until it has resolved. */
  start?(): void | Promise<void>;
  /** One message of the user lane. What it returns (or resolves to) answers an ask. */
  receive(message: unknown, sender: SenderInfo): unknown;
  /** One signal of another cell. Called at once, between turns; takes note and calls `wake()`, does no work itself. */
  signal?(payload: unknown): void;
  /** Work of its own: called when woken and the user lane is empty. Must return within about the time budget. */
  turn?(): TurnResult;
  /** Closes resources: after a stop, before a restart, and after a failure. */
  stop?(reason: StopReason): void | Promise<void>;
}

export type StopReason = "stopped" | "restarting" | "failed";

export interface SenderInfo {
  /** Who sent the message; undefined when it did not come from an actor. */
  readonly from: Address | undefined;
  readonly kind: "tell" | "ask";
}

/** What the runtime gives to a logic. Valid until the logic has stopped. */
export interface CellContext {
  readonly address: Address;
  /** Raised at every restart, from 0. */
  readonly incarnation: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly services: Services;
  /** To be raised (any change counts) at every event handled, so that slow work is not taken for a hang. */
  readonly progress: Int32Array;
  /** Asks for a turn. Cheap, idempotent. */
  wake(): void;
  /** Signals another cell; held while its host is being replaced, dropped when the cell is not known there. */
  signal(to: Address, payload: unknown): void;
  /** Whether a cell lives on this host, so that a signal to it is handed over by reference. */
  isLocal(to: Address): boolean;
  /** Reports a failure that did not happen inside a call of the runtime (a rejected promise, say). */
  fail(error: unknown): void;
  /** Tells the supervisor something, as a `CellReport` of kind "note". */
  notify(note: unknown): void;
}
