/**
 * PanedWindows: sliding windows that overlap, made of panes that they share: an event is added once, whatever the number of windows
 * that it is in (J. Li et al., "No Pane, No Gain", 2005), and the panes of a key are combined by a slider.
 *
 * Invariants
 *  N1  a window of a key that has told its result is one whose last moment `now` of the key has reached: which ones have is not kept
 *      anywhere.
 *  N2  the slider of a key holds its panes that are in the window to come and end before it does, unless it is stale: an event has
 *      come to one of those panes since. A stale one is made anew when it is needed.
 *  N3  a pane is kept until the last window with it is over.
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { type AlignedWindows, firstStart, lastStart, paneMs } from "./aligned-windows.ts";
import { GroupList } from "./group-list.ts";
import { PaneSlider } from "./pane-slider.ts";
import { added, CellChanges, CellGroup, restoreCell, startOfName, WindowCell } from "./window-cells.ts";
import type { EngineSettings, WindowEngine } from "./window-engine.ts";
import { WindowRevisions } from "./window-revisions.ts";

export class PanedWindows implements WindowEngine {
  readonly #settings: EngineSettings;
  readonly #windows: AlignedWindows;
  readonly #paneMs: number;
  readonly #changes: CellChanges;
  readonly #revisions: WindowRevisions;
  readonly #panes = new GroupList();
  /** By key, in the order in which their panes came into a window; undefined for a stale one. */
  readonly #sliders = new Map<Key, PaneSlider | undefined>();
  /** The pane of the event before, if no window with it has told its result. */
  #recent = new CellGroup(0, 0);
  #now = Number.NEGATIVE_INFINITY;
  #aheadOf: (key: Key) => number = () => Number.NEGATIVE_INFINITY;
  /** The end of the last window that has told its result, or that would have if it had held anything. */
  #toldEnd = Number.NEGATIVE_INFINITY;

  constructor(settings: EngineSettings, windows: AlignedWindows) {
    this.#settings = settings;
    this.#windows = windows;
    this.#paneMs = paneMs(windows);
    this.#changes = new CellChanges(settings.form);
    this.#revisions = new WindowRevisions(settings.form);
  }

  add(key: Key, event: unknown, time: number, ahead: number | undefined, folded: number): boolean {
    const recent = this.#recent;
    if (time >= recent.start && time < recent.end && ahead === undefined) {
      this.#addTo(recent, key, event, time, folded);
      return true;
    }
    const start = lastStart(time, { sizeMs: 0, slideMs: this.#paneMs, offsetMs: this.#windows.offsetMs });
    const pane = this.#panes.find(start) ?? new CellGroup(start, start + this.#paneMs);
    const now = ahead ?? this.#now;
    if (this.#isOver(pane, now)) return false;
    const toldEnd = ahead === undefined ? this.#toldEnd : this.#lastEnd(now);
    if (this.#firstEnd(start) <= toldEnd) {
      this.#addBehind(pane, key, event, time, now, toldEnd, folded);
    } else {
      this.#addTo(pane, key, event, time, folded);
      this.#recent = pane;
    }
    return true;
  }

  advance(now: number): void {
    this.#now = now;
    for (let end = this.#nextEnd(); Number.isFinite(end) && end - 1 <= now; end = this.#nextEnd()) {
      this.#tell(end);
      this.#toldEnd = end;
    }
    if (now !== Number.POSITIVE_INFINITY) this.#toldEnd = Math.max(this.#toldEnd, this.#lastEnd(now));
    if (this.#firstEnd(this.#recent.start) <= this.#toldEnd) this.#recent = new CellGroup(0, 0);
    let over = 0;
    while (over < this.#panes.size && this.#isOver(this.#panes.at(over)!, now)) over += 1;
    for (const pane of this.#panes.dropFirst(over)) this.#changes.dropGroup(pane);
    this.#revisions.dropUntil(now + 1 - this.#settings.allowedLatenessMs);
  }

  /** Windows with early results are kept one by one. */
  readonly waits = false;

  tick(): void {}

  nextDue(): number {
    return this.#nextEnd() - 1;
  }

  snapshot(): StateEntry[] {
    return [...this.#changes.take(), ...this.#revisions.snapshot()];
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
      const pane = this.#panes.find(start) ?? new CellGroup(start, start + this.#paneMs);
      if (pane.cells.size === 0) this.#panes.add(pane);
      for (const [key, stored] of values) {
        const cell = restoreCell(pane, key, stored);
        if (this.#settings.bringUp(cell, form, key)) this.#changes.note(cell);
      }
    }
    const { sizeMs, slideMs } = this.#windows;
    for (const pane of this.#panes.between(this.#toldEnd + slideMs - sizeMs, this.#toldEnd)) {
      for (const key of pane.cells.keys()) this.#sliders.set(key, undefined);
    }
  }

  #addTo(pane: CellGroup, key: Key, event: unknown, time: number, folded: number): void {
    const { aggregate } = this.#settings;
    let cell = pane.find(key);
    if (cell === undefined) {
      cell = new WindowCell(key, pane, added(aggregate, aggregate.create(), event, time, folded));
      if (pane.cells.size === 0) this.#panes.add(pane);
      pane.cells.set(key, cell);
    } else {
      cell.accumulator = added(aggregate, cell.accumulator, event, time, folded);
    }
    this.#changes.note(cell);
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
    const before = this.#panes.between(first - sizeMs, last).filter(({ cells }) => cells.has(key));
    this.#addTo(pane, key, event, time, folded);
    if (pane.start >= this.#toldEnd + slideMs - sizeMs) this.#sliders.set(key, undefined);
    const slider = new PaneSlider(this.#settings.aggregate);
    for (let end = first, pushed = first - sizeMs; end <= last; pushed = end, end += slideMs) {
      this.#pushPanes(slider, key, pushed, end);
      slider.dropBefore(end - sizeMs);
      const isFirst = !before.some(({ start }) => start >= end - sizeMs && start < end);
      this.#put(key, end, slider.total(), isFirst ? 0 : this.#revisions.next(key, end));
    }
  }

  /** All keys that have something in the window that ends at `end`. */
  #tell(end: number): void {
    const { sizeMs } = this.#windows;
    const start = end - sizeMs;
    for (const pane of this.#panes.between(Math.max(start, this.#toldEnd), end)) {
      for (const [key, cell] of pane.cells) {
        const slider = this.#sliders.get(key);
        if (slider !== undefined) slider.push(cell);
        else if (!this.#sliders.has(key)) this.#sliders.set(key, this.#sliderOf(cell));
      }
    }
    for (const [key, known] of this.#sliders) {
      let slider = known;
      if (slider === undefined) {
        slider = new PaneSlider(this.#settings.aggregate);
        this.#pushPanes(slider, key, start, end);
        this.#sliders.set(key, slider);
      }
      slider.dropBefore(start);
      if (slider.isEmpty) this.#sliders.delete(key);
      else if (end - 1 > this.#aheadOf(key)) this.#put(key, end, slider.total(), 0);
    }
  }

  #sliderOf(cell: WindowCell): PaneSlider {
    const slider = new PaneSlider(this.#settings.aggregate);
    slider.push(cell);
    return slider;
  }

  #pushPanes(slider: PaneSlider, key: Key, from: number, to: number): void {
    for (const { cells } of this.#panes.between(from, to)) {
      const cell = cells.get(key);
      if (cell !== undefined) slider.push(cell);
    }
  }

  #put(key: Key, end: number, accumulator: unknown, revision: number): void {
    const start = end - this.#windows.sizeMs;
    this.#settings.results.put({ key, start, end, accumulator, revision, isEarly: false });
  }

  /** The end of the next window that holds something; Infinity when nothing is held. */
  #nextEnd(): number {
    if (this.#sliders.size > 0) return this.#toldEnd + this.#windows.slideMs;
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

  #isOver(pane: CellGroup, now: number): boolean {
    const lastEnd = lastStart(pane.start, this.#windows) + this.#windows.sizeMs;
    return lastEnd - 1 + this.#settings.allowedLatenessMs <= now;
  }
}
