/**
 * Frame: what one host says to another; a packet on a port is a sequence of frames, each one msgpack array that begins
 * with its kind. Within a host the same frames are handed over by reference.
 */

import type { CellSpec, SystemMessage } from "../cells/cell-logic.ts";
import type { CellReport, FailedMessageFate } from "../cells/cell-report.ts";
import type { Fact } from "../system/fact.ts";

export const frameKind = {
  tell: 0,
  ask: 1,
  answer: 2,
  signal: 3,
  system: 4,
  command: 5,
  report: 6,
  fact: 7,
  watch: 8,
  linkCredit: 9,
  left: 10,
} as const;

export type Frame =
  | readonly [kind: typeof frameKind.tell, to: string, from: string | null, fromHost: number, message: unknown]
  | readonly [
      kind: typeof frameKind.ask,
      to: string,
      from: string | null,
      fromHost: number,
      askId: number,
      message: unknown,
    ]
  | readonly [kind: typeof frameKind.answer, askId: number, ok: boolean, value: unknown]
  | readonly [kind: typeof frameKind.signal, to: string, payload: unknown]
  | readonly [kind: typeof frameKind.system, to: string, message: SystemMessage]
  | readonly [kind: typeof frameKind.command, command: HostCommand]
  | readonly [kind: typeof frameKind.report, supervisor: string, report: CellReport]
  | readonly [kind: typeof frameKind.fact, fact: Fact]
  | readonly [kind: typeof frameKind.watch, query: WatchQuery]
  | readonly [kind: typeof frameKind.linkCredit, messageCount: number]
  /** From host 0: the thread of a host died, in that incarnation. */
  | readonly [kind: typeof frameKind.left, peer: number, incarnation: number];

/** What a supervisor tells the host of one of its cells. */
export type HostCommand =
  | {
      readonly kind: "create";
      readonly path: string;
      /** Further paths by which the same cell is addressed. */
      readonly aliases: readonly string[];
      readonly supervisor: string;
      readonly supervisorHost: number;
      readonly mailboxMessagesMax: number;
    }
  | { readonly kind: "start"; readonly path: string; readonly incarnation: number; readonly spec: CellSpec }
  | { readonly kind: "resume"; readonly path: string; readonly fate: FailedMessageFate }
  | {
      readonly kind: "restart";
      readonly path: string;
      readonly incarnation: number;
      readonly fate: FailedMessageFate;
      readonly spec: CellSpec | null;
    }
  | { readonly kind: "stop"; readonly path: string }
  /** Every cell that was to be created anew after the thread was replaced has been. */
  | { readonly kind: "settled" };

/**
 * From a watcher to the directory (`watch`, `unwatch`), from the directory to the watched actor's host (`check`), and
 * back when no such actor lives there (`unknown`).
 */
export interface WatchQuery {
  readonly kind: "watch" | "unwatch" | "check" | "unknown";
  readonly path: string;
  readonly host: number;
  readonly watcher: string;
  readonly watcherHost: number;
}
