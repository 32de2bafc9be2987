/**
 * CellLogic: what a cell runs. The seam between the runtime, which owns mailbox, turns, phases and supervision, and the
 * kinds of actor above it: people's actors (runtime/actor) and stream cells (actors/).
 *
 * A logic is driven by one thread and never re-entered. It may throw anywhere: the cell turns that into a supervised
 * failure, in which it gets no turns, messages or signals until its supervisor has decided.
 */

import type { Address } from "../address.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Random } from "../seams/random.ts";
import type { DeadLetter } from "../system/fact.ts";

/** Returned by a turn: `"more"` asks for another one, `"idle"` waits for `wake()`, a message or a signal. */
export type TurnResult = "more" | "idle";

export interface CellLogic {
  /** Opens resources. Messages and signals are held until it has resolved. */
  start?(): void | Promise<void>;
  /** One message of the user lane. What it returns (or resolves to) answers an ask. */
  receive(message: unknown, sender: SenderInfo): unknown;
  /** One message of the system lane: a timer of its own, or the end of a watched actor. */
  receiveSystem?(message: SystemMessage): unknown;
  /** One signal of another cell. Called at once, between turns; takes note and calls `wake()`, does no work itself. */
  signal?(payload: unknown): void;
  /** Work of its own: called when woken and the mailbox is empty. Must return within about the time budget. */
  turn?(): TurnResult;
  /** Starts over after a failure, keeping what must survive it; without this, a new logic takes its place. */
  restart?(incarnation: number): void | Promise<void>;
  /** Goes on after a failure with what it has; called when its supervisor has decided so. */
  resume?(): void;
  /** Closes resources: after a stop, and before a new logic takes its place. */
  stop?(reason: StopReason): void | Promise<void>;
}

export type StopReason = "stopped" | "restarting";

export type SystemMessage =
  | { readonly kind: "timer"; readonly name: string }
  | { readonly kind: "terminated"; readonly path: string; readonly reason: string };

export interface SenderInfo {
  /** The path that the message was sent to: the cell's own, or one of its aliases. */
  readonly to: string;
  /** Who sent the message; undefined when it did not come from an actor. */
  readonly from: Address | undefined;
  readonly kind: "tell" | "ask";
}

/** How a logic is made: in this thread, or from a module that any thread can load. */
export type CellSpec =
  | { readonly kind: "local"; readonly create: CellFactory }
  | {
      readonly kind: "module";
      readonly module: string;
      readonly export: string;
      readonly args: unknown;
      /** What may be too large for a frame. Handed over: each in a buffer of its own, which is gone when the cell is made. */
      readonly attachments?: readonly Uint8Array[];
    };

export type CellFactory = (context: CellContext) => CellLogic | Promise<CellLogic>;
/** The type of the export that a `CellSpec` of kind "module" names. */
export type ModuleCellFactory = (
  context: CellContext,
  args: unknown,
  attachments: readonly Uint8Array[],
) => CellLogic | Promise<CellLogic>;

/** What the runtime gives to a logic. Valid until the logic has stopped. */
export interface CellContext {
  readonly address: Address;
  /** Raised at every restart, from 0. */
  readonly incarnation: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** One counter, to be raised at every event handled, so that slow work is not taken for a hang. */
  readonly progress: Int32Array;
  readonly host: CellHostServices;
  /** Asks for a turn. Cheap, idempotent. */
  wake(): void;
  /** Reports a failure that did not happen inside a call of the runtime (a rejected promise, say). */
  fail(error: unknown): void;
  /** Tells the supervisor something, as a report of kind "note". */
  notify(note: unknown): void;
  /** Puts a message into the own system lane. */
  enqueueSystem(message: SystemMessage): void;
  /** Puts the message in hand aside. Throws ERR_RT_STASH_FULL, and ERR_RT_NOTHING_TO_STASH outside `receive`. */
  stash(): void;
  /** Puts all stashed messages back in front of the mailbox, oldest first. */
  unstashAll(): void;
}

/** What the host does for its cells. */
export interface CellHostServices {
  /** The number of the host. */
  readonly host: number;
  readonly system: string;
  /** Sends a message. Throws ERR_RT_NOT_PLAIN_DATA when it cannot cross to the actor's host. */
  tell(to: Address, message: unknown, from?: Address): void;
  /** Sends a message and resolves to its answer; rejects with ERR_RT_ASK_TIMEOUT after `timeoutMs`. */
  ask(to: Address, message: unknown, timeoutMs: number, from?: Address): Promise<unknown>;
  /** Signals a cell; held while its host is being replaced, dropped where no such cell lives. */
  signal(to: Address, payload: unknown): void;
  /** Gives up on a value that was meant for `to`. */
  deadLetter(to: Address, value: unknown, error: unknown): void;
  /** Makes a dead letter known that the cell has written itself: plain data of bounded size. */
  postDeadLetter(letter: DeadLetter): void;
  /** What the cells of this host share under `key`: made by the first, disposed when the last has released it. */
  share<T>(key: string, create: () => T, dispose: (value: T) => void | Promise<void>): Shared<T>;
}

export interface Shared<T> {
  readonly value: T;
  release(): void | Promise<void>;
}
