/**
 * SessionWindows: windows of activity. An event opens a window of its own, from its time until the gap has passed; windows that overlap
 * become one. So a result does not depend on the order in which events come, nor on when the watermark does.
 *
 * Most keys have one session, which grows until it is told: those are in columns, of some keys. What is anything else is in a cell of its key:
 * several sessions, and those that have told something.
 *
 * Invariants
 *  Z1  sessions of a key do not overlap, and are in the order of their starts.
 *  Z2  whether an event is late is judged by the session that it would make: one that bridges into an open session is not.
 *  Z3  a session that has told results names, with its next one, those of their windows that are not its own any more.
 */

import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { batchEventsMax } from "../limits.ts";
import type { Output } from "../operator.ts";
import { type Pieces, untilDone } from "../pieces.ts";
import { KeyedState } from "../state/keyed-state.ts";
import { encodedKeysMax } from "../state/packed/object-keys.ts";
import type { StateSize } from "../state/state-size.ts";
import { toldChanges } from "../state/told-changes.ts";
import { TimeHeap } from "../time/time-heap.ts";
import { fromStored, packedSessions, Session, SessionsCell, type StoredSession, storedSession } from "./session.ts";
import { SessionColumns } from "./session-columns.ts";
import { wholeMs } from "./trigger.ts";
import type { SessionAssigner } from "./window-assigner.ts";
import { type EngineSettings, earlyEvents, type WindowEngine } from "./window-engine.ts";

/** The name of the only state it keeps. */
const sessionsName = "sessions";
const none: readonly Session[] = [];

export class SessionWindows implements WindowEngine {
  readonly #settings: EngineSettings;
  readonly #assigner: SessionAssigner<unknown>;
  readonly #earlyEvents: number;
  readonly #earlyByTime: boolean;
  /** Absent where sessions tell early results, or their gaps are said by events. */
  readonly #columns: SessionColumns | undefined;
  /** In columns there are no more keys than that. */
  readonly #columnKeysMax = encodedKeysMax("at once");
  readonly #mayOpen = (key: Key) => this.#hasRoom() && !this.#byKey.has(key);
  readonly #opened = (key: Key, due: number) => this.#due.add(due, key);
  /** A key is here or in columns. */
  readonly #byKey = new KeyedState<readonly Session[], SessionsCell>(false, packedSessions);
  /** Keys by when their sessions are to be looked at: an entry counts if it is the one that the cell has noted. */
  readonly #due = new TimeHeap<Key>();
  /** Those with sessions that wait for the early trigger. */
  #waiting = new Set<Key>();
  /** The cell that was found last: often the next event has the same key. */
  #found: SessionsCell | undefined;
  #now = Number.NEGATIVE_INFINITY;

  constructor(settings: EngineSettings, assigner: SessionAssigner<unknown>) {
    this.#settings = settings;
    this.#assigner = assigner;
    this.#earlyEvents = earlyEvents(settings.early);
    this.#earlyByTime = settings.early?.kind === "interval";
    if (settings.early === undefined && typeof assigner.gap === "number") this.#columns = new SessionColumns();
  }

  add(key: Key, event: unknown, time: number, ahead: number | undefined): boolean {
    const { aggregate, allowedLatenessMs } = this.#settings;
    const now = ahead ?? this.#now;
    const until = time + this.#gapOf(event);
    const cell = this.#takeOut(key) ?? this.#find(key);
    const known = cell === undefined ? none : cell.value;
    let first: Session | undefined;
    let metCount = 0;
    let end = until;
    for (let index = 0; index < known.length; index += 1) {
      const session = known[index]!;
      if (!this.#meets(session, time, until)) continue;
      metCount += 1;
      first ??= session;
      if (session.end > end) end = session.end;
    }
    if (end - 1 + allowedLatenessMs <= now) return false;
    const accumulator = aggregate.add(first === undefined ? aggregate.create() : first.accumulator, event, time);
    const session = first ?? new Session(key, time, until);
    session.accumulator = accumulator;
    session.sinceResult += 1;
    session.hasTold = false;
    const sessions = metCount === 1 ? known : this.#placed(session, known, time, until);
    if (time < session.start) session.start = time;
    session.end = end;
    const kept = cell ?? new SessionsCell(key, sessions);
    if (cell === undefined) this.#byKey.add(kept);
    else this.#byKey.write(kept, sessions);
    if (end - 1 <= now) this.#fire(kept, session, false);
    else if (session.sinceResult >= this.#earlyEvents) this.#fire(kept, session, true);
    else if (this.#earlyByTime) this.#waiting.add(key);
    // Most sessions grow, and are noted already for a time before: a call for each event would make its time an object.
    const due = this.#dueOf(session);
    if (due < kept.dueAt) this.#setDue(kept, due);
    return true;
  }

  addRun(batch: Batch, _from: number, index: number, to: number, _at: number | undefined, output: Output): number {
    const { gap, mergesTouching } = this.#assigner;
    if (this.#columns === undefined || typeof gap !== "number" || batch.times === undefined) return index;
    const run = {
      aggregate: this.#settings.aggregate,
      gapMs: gap,
      mergesTouching,
      now: this.#now,
      output,
      mayOpen: this.#mayOpen,
      opened: this.#opened,
    };
    return this.#columns.addRun(run, batch, index, to);
  }

  advance(now: number): Pieces | undefined {
    this.#now = now;
    return untilDone(() => this.#due.takeUntil(now, batchEventsMax, (key, time) => this.#advanceKey(key, time)));
  }

  tick(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const key of waiting) {
      const cell = this.#byKey.find(key);
      for (const session of cell?.value ?? none) {
        if (session.sinceResult > 0 && session.end - 1 > this.#now) this.#fire(cell!, session, true);
      }
    }
  }

  get waits(): boolean {
    return this.#waiting.size > 0;
  }

  nextDue(): number {
    return this.#due.firstTime;
  }

  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#byKey.expect(keys, from, index, to);
  }

  get stateSize(): StateSize {
    const { pieces, packedBytes } = this.#byKey.stateSize;
    return { pieces: pieces + (this.#columns?.size ?? 0), packedBytes };
  }

  snapshot(): StateEntry[] {
    const { form } = this.#settings;
    // What is gone from one of them comes before what the other has instead.
    const gone = (this.#columns?.takeGone() ?? []).map(
      (key): StateEntry => [sessionsName, key, false, undefined, form],
    );
    const ofCells = toldChanges(this.#byKey, sessionsName, form, ({ value }) => value.map(storedSession));
    const ofColumns = (this.#columns?.takeChanged() ?? []).map((session): StateEntry => {
      return [sessionsName, session.key, true, [storedSession(session)], form];
    });
    return [...gone, ...ofCells, ...ofColumns];
  }

  restore(state: readonly StateGroup[], now: number, aheadOf: (key: Key) => number): void {
    this.#now = now;
    this.#byKey.track();
    for (const { name, form, values } of state) {
      if (name !== sessionsName) continue;
      for (const [key, stored] of values as ReadonlyMap<Key, readonly StoredSession[]>) {
        const sessions = stored.map((one) => fromStored(key, one, Math.max(now, aheadOf(key))));
        const cell = new SessionsCell(key, sessions);
        const isOld = sessions.filter((session) => this.#settings.bringUp(session, form, key)).length > 0;
        const due = Math.min(...sessions.map((session) => this.#dueOf(session)));
        if (this.#fitsColumns(cell)) {
          this.#columns!.put(sessions[0]!, due, !isOld);
          this.#due.add(due, key);
          continue;
        }
        this.#byKey.restore(cell);
        if (isOld) this.#byKey.write(cell, sessions);
        if (this.#earlyByTime && sessions.some(({ sinceResult }) => sinceResult > 0)) this.#waiting.add(key);
        this.#setDue(cell, due);
      }
    }
  }

  #find(key: Key): SessionsCell | undefined {
    const found = this.#found;
    if (found?.present && found.key === key && !this.#byKey.isPacked) return found;
    this.#found = this.#byKey.find(key);
    return this.#found;
  }

  #hasRoom(): boolean {
    return this.#columns!.size < this.#columnKeysMax;
  }

  #fitsColumns({ value: [session, second] }: SessionsCell): boolean {
    if (this.#columns === undefined || session === undefined || second !== undefined || !this.#hasRoom()) return false;
    return !session.hasTold && session.told.length === 0;
  }

  /** What is in a cell goes back to the columns once it is but one session, of which nothing was told. */
  #takeIn(cell: SessionsCell): void {
    if (!this.#fitsColumns(cell)) return;
    this.#byKey.remove(cell);
    this.#columns!.put(cell.value[0]!, cell.dueAt, false);
  }

  /** The session that a key has in columns goes to a cell, of which there may be more; undefined when it has none. */
  #takeOut(key: Key): SessionsCell | undefined {
    const columns = this.#columns;
    const number = columns === undefined ? -1 : columns.find(key);
    if (number < 0) return undefined;
    const cell = new SessionsCell(key, [columns!.sessionOf(number)]);
    cell.dueAt = columns!.dueOf(number);
    columns!.release(number);
    this.#byKey.add(cell);
    return cell;
  }

  #advanceKey(key: Key, time: number): void {
    try {
      if (!this.#advanceColumn(key, time)) this.#advanceCell(key, time);
    } catch (error) {
      // It may be asked for once more.
      this.#due.add(time, key);
      throw error;
    }
  }

  /** Tells the session that a key has in columns if it has ended, or puts it off; false where it is to be looked at in a cell. */
  #advanceColumn(key: Key, time: number): boolean {
    const columns = this.#columns;
    const number = columns === undefined ? -1 : columns.find(key);
    if (number < 0) return false;
    if (columns!.dueOf(number) !== time) return true;
    const due = columns!.endOf(number) - 1;
    if (due > time) {
      columns!.setDue(number, due);
      this.#due.add(due, key);
      return true;
    }
    if (this.#settings.allowedLatenessMs > 0) {
      this.#takeOut(key);
      return false;
    }
    const { start, end, accumulator } = columns!.sessionOf(number);
    this.#settings.results.put({ key, start, end, accumulator, revision: 0, isEarly: false });
    columns!.drop(number);
    return true;
  }

  #advanceCell(key: Key, time: number): void {
    const cell = this.#byKey.find(key);
    if (cell?.dueAt !== time) return;
    for (const session of cell.value) {
      if (!session.hasTold && session.end - 1 <= time) this.#fire(cell, session, false);
    }
    cell.dueAt = Number.POSITIVE_INFINITY;
    this.#dropOver(cell);
    if (!cell.present) return;
    // Those that have grown are put off.
    this.#setDue(cell, Math.min(...cell.value.map((session) => this.#dueOf(session))));
    this.#takeIn(cell);
  }

  #gapOf(event: unknown): number {
    const { gap } = this.#assigner;
    if (typeof gap === "number") return gap;
    return wholeMs(gap(event), "session: gap of an event");
  }

  #meets(session: Session, from: number, until: number): boolean {
    if (this.#assigner.mergesTouching) return session.start <= until && from <= session.end;
    return session.start < until && from < session.end;
  }

  /** The sessions of a key with one more, in the place of those that the interval meets. */
  #placed(session: Session, sessions: readonly Session[], from: number, until: number): readonly Session[] {
    const others: Session[] = [];
    for (const other of sessions) {
      if (!this.#meets(other, from, until)) others.push(other);
      else if (other !== session) session.takeIn(other, this.#settings.aggregate);
    }
    const place = others.findLastIndex(({ start }) => start < from) + 1;
    return others.toSpliced(place, 0, session);
  }

  #dueOf({ end, hasTold }: Session): number {
    return end - 1 + (hasTold ? this.#settings.allowedLatenessMs : 0);
  }

  /** A session that grows is looked at when it would have ended before. */
  #setDue(cell: SessionsCell, due: number): void {
    if (cell.dueAt <= due) return;
    cell.dueAt = due;
    this.#byKey.keep(cell);
    this.#due.add(due, cell.key);
  }

  #fire(cell: SessionsCell, session: Session, isEarly: boolean): void {
    const { aggregate, discards, results } = this.#settings;
    if (!discards || session.sinceResult > 0) {
      const { key, start, end, accumulator } = session;
      const { revision, replaces, told } = session.nextResult(isEarly);
      results.put({ key, start, end, accumulator, revision, isEarly, ...(replaces.length === 0 ? {} : { replaces }) });
      session.told = told;
      session.sinceResult = 0;
      if (discards) session.accumulator = aggregate.create();
    }
    if (!isEarly) session.hasTold = true;
    this.#byKey.write(cell, cell.value);
  }

  #isOver(session: Session): boolean {
    return session.hasTold && session.end - 1 + this.#settings.allowedLatenessMs <= this.#now;
  }

  #dropOver(cell: SessionsCell): void {
    const open = cell.value.filter((session) => !this.#isOver(session));
    if (open.length === 0) this.#byKey.remove(cell);
    else if (open.length < cell.value.length) this.#byKey.write(cell, open);
  }
}
