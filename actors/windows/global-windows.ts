/**
 * GlobalWindows: one window of each key that has no end, and windows of so many events. Results come when the trigger says so; at the end
 * of the stream, everything that has not been told.
 *
 * An interval begins for a key with its first event: the first result comes when the next multiple of the interval has passed, and another
 * one each time after that, whether or not anything has come since.
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { inPieces, type Pieces } from "../pieces.ts";
import { type CellPacking, KeyedCell, KeyedState } from "../state/keyed-state.ts";
import type { StateSize } from "../state/state-size.ts";
import { toldChanges } from "../state/told-changes.ts";
import { nextMultiple } from "./aligned-windows.ts";
import type { Trigger } from "./trigger.ts";
import type { EngineSettings, WindowEngine } from "./window-engine.ts";

interface Whole {
  accumulator: unknown;
  revision: number;
  sinceResult: number;
  /** The event time of the newest event; undefined when events have none. */
  time: number | undefined;
  /** When the next result is due, by an interval. */
  dueAt: number;
}

type StoredWhole = readonly [
  accumulator: unknown,
  revision: number,
  sinceResult: number,
  time: number | null,
  dueAt: number,
];

const windowsName = "windows";

function storedWhole({ accumulator, revision, sinceResult, time, dueAt }: Whole): StoredWhole {
  return [accumulator, revision, sinceResult, time ?? null, dueAt];
}

function wholeOf([accumulator, revision, sinceResult, time, dueAt]: StoredWhole): Whole {
  return { accumulator, revision, sinceResult, time: time ?? undefined, dueAt };
}

/** How the windows of many keys are kept: as they are stored. */
const packedWholes: CellPacking<Whole, KeyedCell<Whole>> = {
  keptOf: ({ value }) => storedWhole(value),
  sideOf: () => Number.NaN,
  unpacked: (key, kept) => new KeyedCell(key, wholeOf(kept as unknown as StoredWhole)),
};

export class GlobalWindows implements WindowEngine {
  readonly #settings: EngineSettings;
  readonly #isCounting: boolean;
  readonly #events: number;
  /** The interval in ms; undefined without one. */
  readonly #intervalMs: number | undefined;
  readonly #byKey = new KeyedState<Whole>(false, packedWholes);
  #now = Number.NEGATIVE_INFINITY;
  /** At or before the first due time of any key. */
  #firstDue = Number.POSITIVE_INFINITY;
  /** By the clock an interval is over at its end, as `now` is one ms behind; by event time when the watermark is there. */
  readonly #lag: 0 | 1;

  /** @param isCounting whether a window is over with its result */
  constructor(
    settings: EngineSettings,
    trigger: Trigger,
    { isCounting, byClock }: { readonly isCounting: boolean; readonly byClock: boolean },
  ) {
    this.#settings = settings;
    this.#isCounting = isCounting;
    this.#events = trigger.kind === "events" ? trigger.count : Number.POSITIVE_INFINITY;
    this.#intervalMs = trigger.kind === "interval" ? trigger.intervalMs : undefined;
    this.#lag = byClock ? 1 : 0;
  }

  add(key: Key, event: unknown, time: number | undefined): boolean {
    const { aggregate } = this.#settings;
    const known = this.#byKey.find(key);
    const accumulator = aggregate.add(known?.value.accumulator ?? aggregate.create(), event, time);
    const cell = known ?? new KeyedCell<Whole>(key, this.#firstWhole(time));
    const { value } = cell;
    value.accumulator = accumulator;
    value.sinceResult += 1;
    if (time !== undefined && (value.time === undefined || time > value.time)) value.time = time;
    if (known === undefined) this.#byKey.add(cell);
    else this.#byKey.write(cell, value);
    if (value.sinceResult >= this.#events) this.#fire(cell);
    return true;
  }

  advance(now: number): Pieces | undefined {
    this.#now = now;
    if (this.#firstDue > now && now !== Number.POSITIVE_INFINITY) return undefined;
    this.#firstDue = Number.POSITIVE_INFINITY;
    return inPieces(this.#byKey.cells(), (cell) => this.#advanceKey(cell, now));
  }

  #advanceKey(cell: KeyedCell<Whole>, now: number): void {
    const { value } = cell;
    if (now === Number.POSITIVE_INFINITY) {
      if (value.sinceResult > 0) this.#fire(cell);
    } else if (this.#intervalMs !== undefined) {
      if (value.dueAt <= now) {
        this.#fire(cell);
        value.dueAt = this.#nextDue(now, this.#intervalMs);
        this.#byKey.write(cell, value);
      }
      this.#firstDue = Math.min(this.#firstDue, value.dueAt);
    }
  }

  /** The trigger of these windows is their own. */
  readonly waits = false;

  tick(): void {}

  nextDue(): number {
    return this.#firstDue;
  }

  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#byKey.expect(keys, from, index, to);
  }

  get stateSize(): StateSize {
    return this.#byKey.stateSize;
  }

  snapshot(): StateEntry[] {
    return toldChanges(this.#byKey, windowsName, this.#settings.form, ({ value }) => storedWhole(value));
  }

  restore(state: readonly StateGroup[], now: number): void {
    this.#now = now;
    this.#byKey.track();
    for (const { name, form, values } of state) {
      if (name !== windowsName) continue;
      for (const [key, stored] of values as ReadonlyMap<Key, StoredWhole>) {
        const whole = wholeOf(stored);
        const cell = new KeyedCell<Whole>(key, whole);
        this.#byKey.restore(cell);
        if (this.#settings.bringUp(whole, form, key)) this.#byKey.write(cell, whole);
        this.#firstDue = Math.min(this.#firstDue, whole.dueAt);
      }
    }
  }

  #firstWhole(time: number | undefined): Whole {
    let dueAt = Number.POSITIVE_INFINITY;
    if (this.#intervalMs !== undefined) {
      const eventTime = this.#lag === 0 ? time : undefined;
      dueAt = this.#nextDue(Math.max(eventTime ?? this.#now, this.#now), this.#intervalMs);
      this.#firstDue = Math.min(this.#firstDue, dueAt);
    }
    return { accumulator: undefined, revision: 0, sinceResult: 0, time: undefined, dueAt };
  }

  #fire(cell: KeyedCell<Whole>): void {
    const { aggregate, discards, results } = this.#settings;
    const { value } = cell;
    if (discards && value.sinceResult === 0) return;
    results.put({
      key: cell.key,
      start: Number.NEGATIVE_INFINITY,
      end: Number.POSITIVE_INFINITY,
      accumulator: value.accumulator,
      revision: value.revision,
      isEarly: false,
      time: value.time,
    });
    if (this.#isCounting) return this.#byKey.remove(cell);
    value.revision += 1;
    value.sinceResult = 0;
    if (discards) value.accumulator = aggregate.create();
    this.#byKey.write(cell, value);
  }

  #nextDue(now: number, intervalMs: number): number {
    return nextMultiple(now + this.#lag, intervalMs) - this.#lag;
  }
}
