/**
 * SingleWindows: windows that keep an accumulator of their own for each key: tumbling and calendar windows, sliding ones with gaps, and
 * overlapping ones whose aggregate cannot merge or whose results depend on what each of them has told before.
 *
 * Invariants
 *  D1  a window has told its result once `now` has reached its last moment, and is kept until the allowed lateness is over. That of a key
 *      which is ahead may have before: its cell has a revision then, and nothing that is new.
 *  D2  the window of the event before is looked up no further: for a known window and key an event costs one look-up.
 */

import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange } from "../epochs/state-delta.ts";
import type { Output } from "../operator.ts";
import type { Pieces } from "../pieces.ts";
import type { StateSize } from "../state/state-size.ts";
import type { Window } from "./aligned-windows.ts";
import type { CellGroup } from "./cell-group.ts";
import { GroupList } from "./group-list.ts";
import { CellChanges, restoreCell, startOfName } from "./window-cells.ts";
import { type EngineSettings, earlyEvents, type WindowEngine } from "./window-engine.ts";
import { ResultsInHand } from "./window-result.ts";

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
  #recent: CellGroup | undefined;
  /** Keys that wait for the early trigger, each with its window. */
  #waiting: (readonly [CellGroup, Key])[] = [];

  /** @param overlap whether a time may be in several windows */
  constructor(settings: EngineSettings, windows: WindowsOf, overlap: boolean) {
    this.#settings = settings;
    this.#windows = windows;
    this.#overlap = overlap;
    this.#earlyEvents = earlyEvents(settings.early);
    this.#earlyByTime = settings.early?.kind === "interval";
    this.#changes = new CellChanges(settings.form, true);
  }

  add(key: Key, event: unknown, time: number, ahead: number | undefined, folded: number): boolean {
    const recent = this.#recent;
    if (recent !== undefined && time >= recent.start && time < recent.end && ahead === undefined) {
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

  addRun(batch: Batch, from: number, index: number, to: number, at: number | undefined, output: Output): number {
    const recent = this.#recent;
    if (recent === undefined || recent.end - 1 <= this.#now || this.#settings.early !== undefined) return index;
    const time = at ?? batch.times?.[index];
    if (time === undefined || time < recent.start || time >= recent.end) return index;
    this.#changes.note(recent);
    return recent.addRun(this.#settings.aggregate, batch, from, index, to, at, output);
  }

  advance(now: number): Pieces | undefined {
    this.#now = now;
    if (this.nextDue() <= now && this.#firstUntold() !== undefined) return this.#tellDue(now);
    this.#forgetOver(now);
    return undefined;
  }

  *#tellDue(now: number): Pieces {
    const inHand = new ResultsInHand(this.#settings.results, this.#firstUntold()?.size ?? 0);
    try {
      for (let group = this.#firstUntold(); group !== undefined && group.end - 1 <= now; group = this.#firstUntold()) {
        yield* this.#tell(group, this.#isOver(group, now), inHand);
        this.#toldCount += 1;
      }
    } finally {
      inHand.putAll();
    }
    this.#forgetOver(now);
  }

  #forgetOver(now: number): void {
    let over = 0;
    while (over < this.#toldCount && this.#isOver(this.#groups.at(over)!, now)) over += 1;
    if (over === 0) return;
    this.#toldCount -= over;
    for (const group of this.#groups.dropFirst(over)) this.#changes.dropGroup(group);
    if (this.#recent !== undefined && this.#isOver(this.#recent, now)) this.#recent = undefined;
  }

  tick(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [group, key] of waiting) {
      const entry = group.find(key);
      group.keep(entry, { ...group.toldOf(entry), isWaiting: false });
      // A window that has ended meanwhile has told its result.
      if (group.sinceResultOf(entry) > 0 && group.end - 1 > this.#now) this.#fire(group, entry, true);
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
    this.#recent?.expect(keys, from, index, to);
  }

  get stateSize(): StateSize {
    return this.#groups.stateSize;
  }

  snapshot(operator: string): readonly StateChange[] {
    return this.#changes.take(operator);
  }

  restore(state: readonly StateGroup[], now: number): void {
    this.#now = now;
    this.#changes.track();
    for (const { name, form, values } of state) {
      const start = startOfName(name);
      if (start === undefined) continue;
      const { end } = this.#windows.at(start).find((window) => window.start === start)!;
      const group = this.#groups.find(start) ?? this.#changes.newGroup(start, end);
      if (group.size === 0) this.#addGroup(group);
      for (const [key, stored] of values) {
        const entry = restoreCell(group, key, stored);
        const holder = { accumulator: group.valueOf(entry) };
        if (this.#settings.bringUp(holder, form, key)) this.#write(group, entry, holder.accumulator);
        if (this.#earlyByTime && group.sinceResultOf(entry) > 0) this.#wait(group, entry);
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
    const entry = group.addEvent(this.#settings.aggregate, key, event, time, folded);
    this.#changes.note(group);
    if (group.end - 1 <= (ahead ?? this.#now)) this.#fire(group, entry, false);
    else if (group.sinceResultOf(entry) >= this.#earlyEvents) this.#fire(group, entry, true);
    else if (this.#earlyByTime) this.#wait(group, entry);
  }

  #wait(group: CellGroup, entry: number): void {
    const told = group.toldOf(entry);
    if (told.isWaiting) return;
    group.keep(entry, { ...told, isWaiting: true });
    this.#waiting.push([group, group.keyOf(entry)]);
  }

  /** The results of a window that is due, all but those that have been told and have nothing new, behind others. */
  *#tell(group: CellGroup, isLast: boolean, inHand: ResultsInHand): Pieces {
    const { aggregate, discards, results } = this.#settings;
    const first = inHand.count;
    const time = group.end - 1;
    this.#changes.note(group);
    try {
      const walk = group.walk();
      for (let entry = walk.next(); entry >= 0; entry = walk.next()) {
        if (this.#hasNothingNew(group, entry)) continue;
        inHand.add(results.resultOf(group, group.keyOf(entry), group.valueOf(entry), group.revisionOf(entry)), time);
        if (!isLast) group.noteResult(entry, false);
        if (!isLast && discards) group.write(entry, aggregate.create());
        if (inHand.putIfFull()) yield;
      }
    } catch (error) {
      // It may be asked for the results behind those once more.
      if (isLast) this.#noteFirst(group, inHand.count - first);
      throw error;
    }
  }

  /** So many of the results of a window that is due have been told. */
  #noteFirst(group: CellGroup, count: number): void {
    const walk = group.walk();
    let left = count;
    for (let entry = walk.next(); left > 0; entry = walk.next()) {
      if (this.#hasNothingNew(group, entry)) continue;
      group.noteResult(entry, false);
      left -= 1;
    }
  }

  /** Whether its result has been told, and nothing has come since. */
  #hasNothingNew(group: CellGroup, entry: number): boolean {
    const { discards } = this.#settings;
    return (discards || group.revisionOf(entry) > 0) && group.sinceResultOf(entry) === 0;
  }

  #fire(group: CellGroup, entry: number, isEarly: boolean): void {
    const { aggregate, discards, results } = this.#settings;
    if (discards && group.sinceResultOf(entry) === 0) return;
    const { start, end } = group;
    const [key, accumulator] = [group.keyOf(entry), group.valueOf(entry)];
    results.put({ key, start, end, accumulator, revision: group.revisionOf(entry), isEarly });
    group.noteResult(entry, isEarly);
    if (discards) group.write(entry, aggregate.create());
    this.#changes.note(group);
  }

  #write(group: CellGroup, entry: number, accumulator: unknown): void {
    group.write(entry, accumulator);
    this.#changes.note(group);
  }

  #firstUntold(): CellGroup | undefined {
    return this.#groups.at(this.#toldCount);
  }

  #isOver({ end }: Window, now: number): boolean {
    return end - 1 + this.#settings.allowedLatenessMs <= now;
  }
}
