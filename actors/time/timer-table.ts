/**
 * TimerTable: the timers of one operator instance, by key, as a part of its state. A timer is a key, a kind, a time and a name;
 * setting it again changes nothing.
 *
 * Invariants
 *  T1  a timer fires once for each time that it was set, unless it was deleted; timers of one kind fire in the order of
 *      their times, those of the same time in the order in which they were set.
 *  T2  the table is what counts: an entry of a heap whose timer is not in the table any more was deleted, and is passed over.
 *
 * Not here: who waits for processing time (../operators/process.ts).
 */

import { MillraceError, mutated, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { timersPerKeyMax } from "../limits.ts";
import { type CellPacking, KeyedCell, KeyedState } from "../state/keyed-state.ts";
import type { StateForm, StateOwner } from "../state/state-form.ts";
import type { StateSize } from "../state/state-size.ts";
import { toldChanges } from "../state/told-changes.ts";
import { TimeHeap } from "./time-heap.ts";

export type TimerKind = "event-time" | "processing-time";

export interface Timer {
  readonly kind: TimerKind;
  readonly key: Key;
  /** In ms since the epoch. */
  readonly time: number;
  /** As the author chose it; "" by default. */
  readonly name: string;
}

/** A key has more timers than are allowed. */
export class TimersError extends MillraceError {
  readonly code = "ERR_ACT_TIMERS";
}

/** No name that an author can give. */
const stateName = "pending timers";
type StoredTimer = readonly [isEventTime: boolean, time: number, name: string];
type TimersCell = KeyedCell<readonly StoredTimer[]>;

/** Most keys that have timers have one, without a name: of those the time is packed as a number, and beside it whether it is an event time. */
const packedTimers: CellPacking<readonly StoredTimer[], TimersCell> = {
  keptOf: ({ value }) => (isBare(value) ? value[0][1] : value),
  sideOf: ({ value }) => (isBare(value) ? Number(value[0][0]) : Number.NaN),
  unpacked: (key, stored, side) => {
    const kept: unknown = stored;
    return new KeyedCell(key, typeof kept === "number" ? [[side === 1, kept, ""]] : stored);
  },
};

/** A timer beside its time: its key, of one that has a name with that. */
type HeapTimer = Key | { readonly key: Key; readonly name: string };

export class TimerTable {
  readonly #operator: string;
  readonly #form: StateForm;
  readonly #byKey = new KeyedState<readonly StoredTimer[], TimersCell>(false, packedTimers);
  readonly #heaps = { "event-time": new TimeHeap<HeapTimer>(), "processing-time": new TimeHeap<HeapTimer>() };

  constructor(operator: string, owner: StateOwner) {
    this.#operator = operator;
    this.#form = { kind: "timers", version: 1, owner };
  }

  /** When the first timer of a kind may be due; Infinity when there is none. */
  firstTime(kind: TimerKind): number {
    return this.#heaps[kind].firstTime;
  }

  /** @throws ERR_ACT_TIMERS */
  set(timer: Timer): void {
    const { key, kind } = timer;
    const cell = this.#byKey.find(key);
    const timers = cell?.value ?? [];
    if (indexOf(timers, timer) >= 0) return;
    if (timers.length >= timersPerKeyMax) {
      throw new TimersError(
        `operator ${JSON.stringify(this.#operator)}: key ${printValue(key)} has ${timers.length} timers; no more are allowed`,
        { details: { operator: this.#operator, timersMax: timersPerKeyMax } },
      );
    }
    const more = [...timers, stored(timer)];
    if (cell === undefined) this.#byKey.add(new KeyedCell(key, more));
    else this.#byKey.write(cell, more);
    this.#heaps[kind].add(timer.time, heapTimer(key, timer.name));
  }

  /** Takes a timer back. Nothing happens when there is none. */
  delete(timer: Timer): void {
    const cell = this.#byKey.find(timer.key);
    if (cell === undefined) return;
    const index = indexOf(cell.value, timer);
    if (index < 0) return;
    if (cell.value.length === 1) this.#byKey.remove(cell);
    else this.#byKey.write(cell, cell.value.toSpliced(index, 1));
  }

  /** The first timer of a kind that is due at `time` or before, taken out; undefined when none is. */
  takeDue(kind: TimerKind, time: number): Timer | undefined {
    const heap = this.#heaps[kind];
    for (let dueTime = heap.firstTime; dueTime <= time; dueTime = heap.firstTime) {
      const first = heap.take();
      if (first === undefined) return undefined;
      const [key, name] = typeof first === "object" ? [first.key, first.name] : [first, ""];
      const timer: Timer = { kind, key, time: dueTime, name };
      const timers = this.#byKey.find(timer.key)?.value;
      // T2
      if (timers === undefined || indexOf(timers, timer) < 0) continue;
      if (!mutated("timers.fired-stay")) this.delete(timer);
      return timer;
    }
    return undefined;
  }

  get stateSize(): StateSize {
    return this.#byKey.stateSize;
  }

  snapshot(): readonly StateEntry[] {
    return toldChanges(this.#byKey, stateName, this.#form);
  }

  /** Takes in its part of a state; what is left is somebody else's. */
  restore(state: readonly StateGroup[]): readonly StateGroup[] {
    this.#byKey.track();
    return state.filter(({ form, values }) => {
      if (form.kind !== this.#form.kind) return true;
      for (const [key, timers] of values as ReadonlyMap<Key, readonly StoredTimer[]>) {
        this.#byKey.restore(new KeyedCell(key, timers));
        for (const [isEventTime, time, name] of timers) {
          const kind = isEventTime ? "event-time" : "processing-time";
          this.#heaps[kind].add(time, heapTimer(key, name));
        }
      }
      return false;
    });
  }
}

function isBare(timers: readonly StoredTimer[]): timers is readonly [StoredTimer] {
  return timers.length === 1 && timers[0]?.[2] === "";
}

function heapTimer(key: Key, name: string): HeapTimer {
  return name === "" ? key : { key, name };
}

function stored({ kind, time, name }: Timer): StoredTimer {
  return [kind === "event-time", time, name];
}

function indexOf(timers: readonly StoredTimer[], { kind, time, name }: Timer): number {
  const ofEventTime = kind === "event-time";
  return timers.findIndex((other) => other[0] === ofEventTime && other[1] === time && other[2] === name);
}
