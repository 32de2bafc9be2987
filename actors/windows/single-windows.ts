/**
 * SingleWindows: windows that keep an accumulator of their own for each key: tumbling and calendar windows, sliding ones with gaps, and
 * overlapping ones whose aggregate cannot merge or whose results depend on what each of them has told before.
 *
 * Invariants
 *  D1  a window has told its result once `now` has reached its last moment, and is kept until the allowed lateness is over. That of a key
 *      which is ahead may have before: its cell has a revision then, and nothing that is new.
 *  D2  the window of the event before is looked up no further: for a known window and key an event costs one look-up.
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import type { StateSize } from "../state/state-size.ts";
import type { Window } from "./aligned-windows.ts";
import { GroupList } from "./group-list.ts";
import { added, CellChanges, CellGroup, restoreCell, startOfName, WindowCell } from "./window-cells.ts";
import { type EngineSettings, earlyEvents, type WindowEngine } from "./window-engine.ts";

/** The windows that a time is in; none in a gap. */
export interface WindowsOf {
  at(time: number): readonly Window[];
}

export class SingleWindows implements WindowEngine {
  readonly #settings: EngineSettings;
  readonly #windows: WindowsOf;
  readonly #overlap: boolean;
  readonly #earlyEvents: number;
  readonly #earlyByTime: boolean;
  readonly #changes: CellChanges;
  readonly #groups = new GroupList();
  /** How many of the groups, from the first, have told their results. */
  #toldCount = 0;
  #now = Number.NEGATIVE_INFINITY;
  /** The window of the event before, where windows do not overlap. */
  #recent = new CellGroup(0, 0);
  #waiting: WindowCell[] = [];

  /** @param overlap whether a time may be in several windows */
  constructor(settings: EngineSettings, windows: WindowsOf, overlap: boolean) {
    this.#settings = settings;
    this.#windows = windows;
    this.#overlap = overlap;
    this.#earlyEvents = earlyEvents(settings.early);
    this.#earlyByTime = settings.early?.kind === "interval";
    this.#changes = new CellChanges(settings.form);
  }

  add(key: Key, event: unknown, time: number, ahead: number | undefined, folded: number): boolean {
    const recent = this.#recent;
    if (time >= recent.start && time < recent.end && ahead === undefined) {
      this.#addTo(recent, key, event, time, ahead, folded);
      return true;
    }
    const now = ahead ?? this.#now;
    const windows = this.#windows.at(time);
    let isTaken = windows.length === 0;
    for (const window of windows) {
      if (this.#isOver(window, now)) continue;
      const group = this.#groupOf(window);
      this.#addTo(group, key, event, time, ahead, folded);
      isTaken = true;
      if (!this.#overlap) this.#recent = group;
    }
    return isTaken;
  }

  advance(now: number): void {
    this.#now = now;
    for (let group = this.#firstUntold(); group !== undefined && group.end - 1 <= now; group = this.#firstUntold()) {
      for (const cell of group.cells.cells()) {
        if (cell.revision === 0 || cell.sinceResult > 0) this.#fire(cell, false);
      }
      this.#toldCount += 1;
    }
    let over = 0;
    while (over < this.#toldCount && this.#isOver(this.#groups.at(over)!, now)) over += 1;
    if (over === 0) return;
    this.#toldCount -= over;
    for (const group of this.#groups.dropFirst(over)) this.#changes.dropGroup(group);
    if (this.#isOver(this.#recent, now)) this.#recent = new CellGroup(0, 0);
  }

  tick(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { key, group } of waiting) {
      const cell = group.cells.find(key)!;
      cell.isWaiting = false;
      // A window that has ended meanwhile has told its result.
      if (cell.sinceResult > 0 && group.end - 1 > this.#now) this.#fire(cell, true);
      else group.cells.keep(cell);
    }
  }

  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  nextDue(): number {
    const untold = this.#firstUntold();
    return untold === undefined ? Number.POSITIVE_INFINITY : untold.end - 1;
  }

  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#recent.cells.expect(keys, from, index, to);
  }

  get stateSize(): StateSize {
    return this.#groups.stateSize;
  }

  snapshot(): StateEntry[] {
    return this.#changes.take();
  }

  restore(state: readonly StateGroup[], now: number): void {
    this.#now = now;
    this.#changes.track();
    for (const { name, form, values } of state) {
      const start = startOfName(name);
      if (start === undefined) continue;
      const { end } = this.#windows.at(start).find((window) => window.start === start)!;
      const group = this.#groups.find(start) ?? this.#changes.newGroup(start, end);
      if (group.cells.size === 0) this.#addGroup(group);
      for (const [key, stored] of values) {
        const cell = restoreCell(group, key, stored);
        const holder = { accumulator: cell.value };
        if (this.#settings.bringUp(holder, form, key)) this.#write(cell, holder.accumulator);
        if (this.#earlyByTime && cell.sinceResult > 0) this.#wait(cell);
      }
    }
  }

  #groupOf({ start, end }: Window): CellGroup {
    const known = this.#groups.find(start);
    if (known !== undefined) return known;
    const group = this.#changes.newGroup(start, end);
    this.#addGroup(group);
    return group;
  }

  #addGroup(group: CellGroup): void {
    this.#groups.add(group);
    if (group.end - 1 <= this.#now) this.#toldCount += 1;
  }

  #addTo(group: CellGroup, key: Key, event: unknown, time: number, ahead: number | undefined, folded: number): void {
    const { aggregate } = this.#settings;
    let cell = group.find(key);
    if (cell === undefined) {
      cell = new WindowCell(key, group, added(aggregate, aggregate.create(), event, time, folded));
      cell.sinceResult = Math.max(1, folded);
      group.cells.add(cell);
      this.#changes.note(group);
    } else {
      const accumulator = added(aggregate, cell.value, event, time, folded);
      cell.sinceResult += Math.max(1, folded);
      this.#write(cell, accumulator);
    }
    if (group.end - 1 <= (ahead ?? this.#now)) this.#fire(cell, false);
    else if (cell.sinceResult >= this.#earlyEvents) this.#fire(cell, true);
    else if (this.#earlyByTime) this.#wait(cell);
  }

  #wait(cell: WindowCell): void {
    if (cell.isWaiting) return;
    cell.isWaiting = true;
    cell.group.cells.keep(cell);
    this.#waiting.push(cell);
  }

  #fire(cell: WindowCell, isEarly: boolean): void {
    const { aggregate, discards, results } = this.#settings;
    if (discards && cell.sinceResult === 0) return;
    const { key, value, revision, group } = cell;
    const { start, end } = group;
    results.put({ key, start, end, accumulator: value, revision, isEarly });
    if (!isEarly) cell.revision += 1;
    cell.sinceResult = 0;
    if (discards) return this.#write(cell, aggregate.create());
    group.cells.note(cell);
    this.#changes.note(group);
  }

  #write(cell: WindowCell, accumulator: unknown): void {
    const { group } = cell;
    group.cells.write(cell, accumulator);
    this.#changes.note(group);
  }

  #firstUntold(): CellGroup | undefined {
    return this.#groups.at(this.#toldCount);
  }

  #isOver({ end }: Window, now: number): boolean {
    return end - 1 + this.#settings.allowedLatenessMs <= now;
  }
}
