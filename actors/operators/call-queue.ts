/**
 * CallQueue: the events that `mapAsync` has taken and not handed out, and what their order allows. Pure: it neither calls
 * nor waits.
 *
 * Invariants
 *  Q1  "ordered": results leave in the order the events came. "per-key": so do those of one key, and of one key at most one
 *      call runs at a time. "unordered": results leave in the order they came in.
 *  Q2  an event leaves exactly once: by `takeDone` or by `fail`.
 */

import { assert } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";

export type AsyncOrder = "ordered" | "per-key" | "unordered";

export type CallPhase =
  /** For an earlier event of its key. */
  | { readonly kind: "waiting" }
  | { readonly kind: "running" }
  /** For the results of earlier events, or to be handed out. */
  | { readonly kind: "done"; readonly result: unknown };

export interface QueuedEvent {
  readonly value: unknown;
  readonly time: number | undefined;
  readonly key: Key | undefined;
  phase: CallPhase;
}

export class CallQueue<E extends QueuedEvent> {
  readonly #order: AsyncOrder;
  /** In the order the events came. */
  readonly #events = new Set<E>();
  /** In the order the results came; not for "ordered". */
  readonly #done: E[] = [];
  /** Per key the events that are not done, the running one first; for "per-key". */
  readonly #lines = new Map<Key, E[]>();

  constructor(order: AsyncOrder) {
    this.#order = order;
  }

  get size(): number {
    return this.#events.size;
  }

  /** The event that came first of those that have not left. */
  get oldest(): E | undefined {
    return this.#events.values().next().value;
  }

  events(): Iterable<E> {
    return this.#events;
  }

  /** Takes in an event; true when its call may start now. */
  add(event: E): boolean {
    this.#events.add(event);
    const line = this.#order === "per-key" ? this.#lineOf(event) : undefined;
    line?.push(event);
    const starts = line === undefined || line.length === 1;
    event.phase = starts ? { kind: "running" } : { kind: "waiting" };
    return starts;
  }

  /** A call has its result; returns the event whose call may start now, if there is one. */
  finish(event: E, result: unknown): E | undefined {
    assert(event.phase.kind === "running", "Q2: only a running call finishes");
    event.phase = { kind: "done", result };
    if (this.#order !== "ordered") this.#done.push(event);
    return this.#nextInLine(event);
  }

  /** A call has failed for good, its event leaves; returns the event whose call may start now, if there is one. */
  fail(event: E): E | undefined {
    assert(event.phase.kind === "running", "Q2: only a running call fails");
    this.#events.delete(event);
    return this.#nextInLine(event);
  }

  /** The next event whose result may be handed out; it leaves. */
  takeDone(): { readonly event: E; readonly result: unknown } | undefined {
    const event = this.#order === "ordered" ? this.#events.values().next().value : this.#done.shift();
    if (event?.phase.kind !== "done") return undefined;
    this.#events.delete(event);
    return { event, result: event.phase.result };
  }

  #lineOf(event: E): E[] {
    assert(event.key !== undefined, "Q1: an order per key needs keys");
    const line = this.#lines.get(event.key) ?? [];
    this.#lines.set(event.key, line);
    return line;
  }

  #nextInLine(event: E): E | undefined {
    if (this.#order !== "per-key") return undefined;
    const line = this.#lineOf(event);
    assert(line.shift() === event, "Q1: of one key at most one call runs at a time");
    const next = line[0];
    if (next !== undefined) next.phase = { kind: "running" };
    else this.#lines.delete(event.key!);
    return next;
  }
}
