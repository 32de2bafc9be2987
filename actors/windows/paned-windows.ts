/**
 * PanedWindows: sliding windows that overlap, made of panes that they share: an event is added once, whatever the number of windows
 * that it is in (J. Li et al., "No Pane, No Gain", 2005), and the panes of a key are combined by a slider.
 *
 * Invariants
 *  N1  a window of a key that has told its result is one whose last moment `now` of the key has reached: which ones have is not kept
 *      anywhere.
 *  N2  the slider of a key holds its panes that are in the window to come and end before it does. It is forgotten when an event comes to one
 *      of those panes, and made anew when it is needed; of many keys none are kept.
 *  N3  a pane is kept until the last window with it is over.
 */

import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange } from "../epochs/state-delta.ts";
import { batchEventsMax } from "../limits.ts";
import type { Output } from "../operator.ts";
import type { Pieces } from "../pieces.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import { keysAhead } from "../state/packed/keys-ahead.ts";
import { encodedKeysMax } from "../state/packed/object-keys.ts";
import { type StateSize, sumOfSizes } from "../state/state-size.ts";
import { type AlignedWindows, firstStart, lastStart, paneMs } from "./aligned-windows.ts";
import type { CellGroup } from "./cell-group.ts";
import { GroupList } from "./group-list.ts";
import { PaneSlider } from "./pane-slider.ts";
import { CellChanges, restoreCell, startOfName } from "./window-cells.ts";
import type { EngineSettings, WindowEngine } from "./window-engine.ts";
import { WindowRevisions } from "./window-revisions.ts";

const slidersPerEncoded = 4;
/** How keys are packed of which nothing is kept. */
const bareKeys = {
  sideOf: () => Number.NaN,
  unpacked: (key: Key) => new KeyedCell(key, undefined),
};

export class PanedWindows implements WindowEngine {
  readonly #settings: EngineSettings;
  readonly #windows: AlignedWindows;
  readonly #paneMs: number;
  readonly #changes: CellChanges;
  readonly #revisions: WindowRevisions;
  readonly #panes = new GroupList();
  /** Those with panes in the window to come that end before it does, in the order in which they came into a window. */
  readonly #keys = new KeyedState<undefined>(false, bareKeys);
  /** Of more keys none are kept: those of so many take some hundred MB, and windows that are put together anew several times as long. */
  readonly #slidersMax = slidersPerEncoded * encodedKeysMax("at once");
  /** N2 */
  readonly #sliders = new Map<Key, PaneSlider>();
  /** The pane of the event before, if no window with it has told its result. */
  #recent: CellGroup | undefined;
  #now = Number.NEGATIVE_INFINITY;
  #aheadOf: (key: Key) => number = () => Number.NEGATIVE_INFINITY;
  /** Results since the last piece was full. */
  #putCount = 0;
  /** The end of the last window that has told its result, or that would have if it had held anything. */
  #toldEnd = Number.NEGATIVE_INFINITY;

  constructor(settings: EngineSettings, windows: AlignedWindows) {
    this.#settings = settings;
    this.#windows = windows;
    this.#paneMs = paneMs(windows);
    this.#changes = new CellChanges(settings.form, false);
    this.#revisions = new WindowRevisions(settings.form);
  }

  add(key: Key, event: unknown, time: number, ahead: number | undefined, folded: number): boolean {
    const recent = this.#recent;
    if (recent !== undefined && time >= recent.start && time < recent.end && ahead === undefined) {
      this.#addTo(recent, key, event, time, folded);
      return true;
    }
    const start = lastStart(time, { sizeMs: 0, slideMs: this.#paneMs, offsetMs: this.#windows.offsetMs });
    const now = ahead ?? this.#now;
    if (this.#isOver(start, now)) return false;
    const pane = this.#panes.find(start) ?? this.#newPane(start);
    const toldEnd = ahead === undefined ? this.#toldEnd : this.#lastEnd(now);
    if (this.#firstEnd(start) <= toldEnd) {
      this.#addBehind(pane, key, event, time, now, toldEnd, folded);
    } else {
      this.#addTo(pane, key, event, time, folded);
      this.#recent = pane;
    }
    return true;
  }

  addRun(batch: Batch, from: number, index: number, to: number, at: number | undefined, output: Output): number {
    const recent = this.#recent;
    const time = at ?? batch.times?.[index];
    if (recent === undefined || time === undefined || time < recent.start || time >= recent.end) return index;
    this.#changes.note(recent);
    return recent.addRun(this.#settings.aggregate, batch, from, index, to, at, output);
  }

  advance(now: number): Pieces | undefined {
    this.#now = now;
    if (this.#isDue(this.#nextEnd())) return this.#tellDue();
    this.#forgetOver();
    return undefined;
  }

  *#tellDue(): Pieces {
    for (let end = this.#nextEnd(); this.#isDue(end); end = this.#nextEnd()) {
      yield* this.#tell(end);
      this.#toldEnd = end;
    }
    this.#forgetOver();
  }

  #isDue(end: number): boolean {
    return Number.isFinite(end) && end - 1 <= this.#now;
  }

  #forgetOver(): void {
    const now = this.#now;
    if (now !== Number.POSITIVE_INFINITY) this.#toldEnd = Math.max(this.#toldEnd, this.#lastEnd(now));
    if (this.#recent !== undefined && this.#firstEnd(this.#recent.start) <= this.#toldEnd) this.#recent = undefined;
    let over = 0;
    while (over < this.#panes.size && this.#isOver(this.#panes.at(over)!.start, now)) over += 1;
    for (const pane of this.#panes.dropFirst(over)) this.#changes.dropGroup(pane);
    this.#revisions.dropUntil(now + 1 - this.#settings.allowedLatenessMs);
  }

  /** Windows with early results are kept one by one. */
  readonly waits = false;

  tick(): void {}

  nextDue(): number {
    return this.#nextEnd() - 1;
  }

  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#recent?.expect(keys, from, index, to);
  }

  get stateSize(): StateSize {
    return sumOfSizes([this.#panes.stateSize, this.#revisions.stateSize, this.#keys.stateSize]);
  }

  snapshot(operator: string): readonly StateChange[] {
    return [...this.#changes.take(operator), ...this.#revisions.snapshot(operator)];
  }

  restore(state: readonly StateGroup[], now: number, aheadOf: (key: Key) => number): void {
    this.#now = now;
    this.#aheadOf = aheadOf;
    this.#toldEnd = this.#lastEnd(now);
    this.#changes.track();
    this.#revisions.restore(state);
    for (const { name, form, values } of state) {
      const start = startOfName(name);
      if (start === undefined) continue;
      const pane = this.#panes.find(start) ?? this.#newPane(start);
      for (const [key, stored] of values) {
        const entry = restoreCell(pane, key, stored);
        const holder = { accumulator: pane.valueOf(entry) };
        if (!this.#settings.bringUp(holder, form, key)) continue;
        pane.write(entry, holder.accumulator);
        this.#changes.note(pane);
      }
    }
    const { sizeMs, slideMs } = this.#windows;
    for (const pane of this.#panes.between(this.#toldEnd + slideMs - sizeMs, this.#toldEnd)) {
      for (const entry of entriesOf(pane)) this.#enter(pane.keyOf(entry));
    }
  }

  #addTo(pane: CellGroup, key: Key, event: unknown, time: number, folded: number): void {
    pane.addEvent(this.#settings.aggregate, key, event, time, folded);
    this.#changes.note(pane);
  }

  /** An event behind `now`: some of its windows have told their results, and those that are not over tell another one. */
  #addBehind(
    pane: CellGroup,
    key: Key,
    event: unknown,
    time: number,
    now: number,
    toldEnd: number,
    folded: number,
  ): void {
    const { slideMs, sizeMs } = this.#windows;
    const over = now + 1 - this.#settings.allowedLatenessMs;
    const first = Math.max(this.#firstEnd(pane.start), this.#firstEnd(over));
    const last = Math.min(lastStart(time, this.#windows) + sizeMs, toldEnd);
    const before = this.#panes.between(first - sizeMs, last).filter((each) => each.find(key) >= 0);
    this.#addTo(pane, key, event, time, folded);
    if (pane.start >= this.#toldEnd + slideMs - sizeMs) {
      this.#sliders.delete(key);
      this.#enter(key);
    }
    const slider = new PaneSlider(this.#settings.aggregate);
    for (let end = first, pushed = first - sizeMs; end <= last; pushed = end, end += slideMs) {
      this.#pushPanes(slider, key, pushed, end);
      slider.dropBefore(end - sizeMs);
      const isFirst = !before.some(({ start }) => start >= end - sizeMs && start < end);
      this.#put(key, end, slider.total(), isFirst ? 0 : this.#revisions.next(key, end));
    }
  }

  /** All keys that have something in the window that ends at `end`. */
  *#tell(end: number): Pieces {
    const start = end - this.#windows.sizeMs;
    for (const pane of this.#panes.between(Math.max(start, this.#toldEnd), end)) this.#bringIn(pane);
    if (!this.#keepsSliders) return yield* this.#tellAnew(start, end);
    for (const cell of this.#keys.cells()) {
      const { key } = cell;
      const slider = this.#sliders.get(key) ?? this.#sliderOf(key, start, end);
      slider.dropBefore(start);
      if (slider.isEmpty) {
        this.#sliders.delete(key);
        this.#keys.remove(cell);
      } else if (end - 1 > this.#aheadOf(key)) this.#put(key, end, slider.total(), 0);
      if (this.#isPieceFull()) yield;
    }
  }

  /** Whether as many results have been put out as go into one piece. */
  #isPieceFull(): boolean {
    if (this.#putCount < batchEventsMax) return false;
    this.#putCount = 0;
    return true;
  }

  /** The same without sliders: some keys at a time, so that what is kept of them in a pane can be read ahead. */
  *#tellAnew(start: number, end: number): Pieces {
    const { aggregate } = this.#settings;
    const panes = this.#panes.between(start, end);
    for (const cells of chunksOf(this.#keys.cells())) {
      const keys = cells.map(({ key }) => key);
      const totals: (readonly [unknown] | undefined)[] = keys.map(() => undefined);
      for (const pane of panes) {
        pane.expect(keys, 0, 0, keys.length);
        for (const [index, key] of keys.entries()) {
          const entry = pane.find(key);
          if (entry < 0) continue;
          const [total] = totals[index] ?? [aggregate.create()];
          totals[index] = [aggregate.merge!(total, pane.valueOf(entry))];
        }
      }
      for (const [index, cell] of cells.entries()) {
        const total = totals[index];
        if (total === undefined) this.#keys.remove(cell);
        else if (end - 1 > this.#aheadOf(cell.key)) this.#put(cell.key, end, total[0], 0);
      }
      if (this.#isPieceFull()) yield;
    }
  }

  /** The pane is the newest of all of its keys, and part of the window to come. A new key has no other one in it. */
  #bringIn(pane: CellGroup): void {
    for (const entries of chunksOf(entriesOf(pane))) {
      const keys = entries.map((entry) => pane.keyOf(entry));
      this.#keys.expect(keys, 0, 0, keys.length);
      for (const [index, key] of keys.entries()) {
        const slider = this.#sliders.get(key);
        const entry = entries[index]!;
        if (slider !== undefined) slider.push(pane.start, pane.valueOf(entry));
        else if (this.#enter(key) && this.#keepsSliders) this.#newSlider(key).push(pane.start, pane.valueOf(entry));
      }
    }
  }

  /** The key has a pane in the window to come. Returns whether it had none. */
  #enter(key: Key): boolean {
    if (this.#keys.find(key) !== undefined) return false;
    this.#keys.add(new KeyedCell(key, undefined));
    if (!this.#keepsSliders) this.#sliders.clear();
    return true;
  }

  get #keepsSliders(): boolean {
    return this.#keys.size <= this.#slidersMax;
  }

  #sliderOf(key: Key, start: number, end: number): PaneSlider {
    const slider = this.#newSlider(key);
    this.#pushPanes(slider, key, start, end);
    return slider;
  }

  #newSlider(key: Key): PaneSlider {
    const slider = new PaneSlider(this.#settings.aggregate);
    this.#sliders.set(key, slider);
    return slider;
  }

  #newPane(start: number): CellGroup {
    const pane = this.#changes.newGroup(start, start + this.#paneMs);
    this.#panes.add(pane);
    return pane;
  }

  #pushPanes(slider: PaneSlider, key: Key, from: number, to: number): void {
    for (const pane of this.#panes.between(from, to)) {
      const entry = pane.find(key);
      if (entry >= 0) slider.push(pane.start, pane.valueOf(entry));
    }
  }

  #put(key: Key, end: number, accumulator: unknown, revision: number): void {
    const start = end - this.#windows.sizeMs;
    this.#settings.results.put({ key, start, end, accumulator, revision, isEarly: false });
    this.#putCount += 1;
  }

  /** The end of the next window that holds something; Infinity when nothing is held. */
  #nextEnd(): number {
    if (this.#keys.size > 0) return this.#toldEnd + this.#windows.slideMs;
    const pane = this.#panes.at(this.#panes.countBefore(this.#toldEnd));
    return pane === undefined ? Number.POSITIVE_INFINITY : this.#firstEnd(pane.start);
  }

  /** The end of the first window that ends behind a time. */
  #firstEnd(time: number): number {
    return firstStart(time, this.#windows) + this.#windows.sizeMs;
  }

  /** The end of the last window that is due. */
  #lastEnd(now: number): number {
    if (!Number.isFinite(now)) return now;
    return lastStart(now + 1 - this.#windows.sizeMs, this.#windows) + this.#windows.sizeMs;
  }

  #isOver(start: number, now: number): boolean {
    const lastEnd = lastStart(start, this.#windows) + this.#windows.sizeMs;
    return lastEnd - 1 + this.#settings.allowedLatenessMs <= now;
  }
}

function* entriesOf(pane: CellGroup): Generator<number, undefined> {
  const walk = pane.walk();
  for (let entry = walk.next(); entry >= 0; entry = walk.next()) yield entry;
}

/** Cells or entries, as many at a time as are read ahead. */
function* chunksOf<C>(cells: Iterable<C>): Generator<readonly C[]> {
  let chunk: C[] = [];
  for (const cell of cells) {
    chunk.push(cell);
    if (chunk.length < keysAhead) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
