/**
 * SessionWindows: windows of activity. An event opens a window of its own, from its time until the gap has passed; windows that overlap
 * become one. So a result does not depend on the order in which events come, nor on when the watermark does.
 *
 * Invariants
 *  Z1  sessions of a key do not overlap, and are in the order of their starts.
 *  Z2  whether an event is late is judged by the session that it would make: one that bridges into an open session is not.
 *  Z3  a session that has told results names, with its next one, those of their windows that are not its own any more.
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { KeyedState } from "../state/keyed-state.ts";
import type { StateSize } from "../state/state-size.ts";
import { TimeHeap } from "../time/time-heap.ts";
import { fromStored, packedSessions, Session, SessionsCell, type StoredSession, storedSession } from "./session.ts";
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
  }

  add(key: Key, event: unknown, time: number, ahead: number | undefined): boolean {
    const { aggregate, allowedLatenessMs } = this.#settings;
    const now = ahead ?? this.#now;
    const until = time + this.#gapOf(event);
    const cell = this.#find(key);
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

  advance(now: number): void {
    this.#now = now;
    this.#due.takeUntil(now, (key, time) => {
      const cell = this.#byKey.find(key);
      if (cell?.dueAt !== time) return;
      cell.dueAt = Number.POSITIVE_INFINITY;
      for (const session of cell.value) {
        if (!session.hasTold && session.end - 1 <= time) this.#fire(cell, session, false);
      }
      this.#dropOver(cell);
      // Those that have grown are put off.
      if (cell.present) this.#setDue(cell, Math.min(...cell.value.map((session) => this.#dueOf(session))));
    });
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
    return this.#byKey.stateSize;
  }

  snapshot(): StateEntry[] {
    const { form } = this.#settings;
    return this.#byKey.mapChanged(({ key, present, value }): StateEntry => {
      return [sessionsName, key, present, present ? value.map(storedSession) : undefined, form];
    });
  }

  restore(state: readonly StateGroup[], now: number, aheadOf: (key: Key) => number): void {
    this.#now = now;
    this.#byKey.track();
    for (const { name, form, values } of state) {
      if (name !== sessionsName) continue;
      for (const [key, stored] of values as ReadonlyMap<Key, readonly StoredSession[]>) {
        const sessions = stored.map((one) => fromStored(key, one, Math.max(now, aheadOf(key))));
        const cell = new SessionsCell(key, sessions);
        this.#byKey.restore(cell);
        for (const session of sessions) {
          if (this.#settings.bringUp(session, form, key)) this.#byKey.write(cell, sessions);
          if (this.#earlyByTime && session.sinceResult > 0) this.#waiting.add(key);
        }
        this.#setDue(cell, Math.min(...sessions.map((session) => this.#dueOf(session))));
      }
    }
  }

  #find(key: Key): SessionsCell | undefined {
    const found = this.#found;
    if (found?.present && found.key === key && !this.#byKey.isPacked) return found;
    this.#found = this.#byKey.find(key);
    return this.#found;
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
    if (!isEarly) session.hasTold = true;
    if (!discards || session.sinceResult > 0) {
      const { key, start, end, accumulator } = session;
      const { revision, replaces } = session.tellAs(isEarly);
      results.put({ key, start, end, accumulator, revision, isEarly, ...(replaces.length === 0 ? {} : { replaces }) });
      session.sinceResult = 0;
      if (discards) session.accumulator = aggregate.create();
    }
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
