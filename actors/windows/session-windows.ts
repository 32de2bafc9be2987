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
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import { TimeHeap } from "../time/time-heap.ts";
import { fromStored, Session, type StoredSession, storedSession } from "./session.ts";
import { wholeMs } from "./trigger.ts";
import type { SessionAssigner } from "./window-assigner.ts";
import { type EngineSettings, earlyEvents, type WindowEngine } from "./window-engine.ts";

type KeySessions = KeyedCell<readonly Session[]>;

/** The name of the only state it keeps. */
const sessionsName = "sessions";
const none: readonly Session[] = [];

export class SessionWindows implements WindowEngine {
  readonly #settings: EngineSettings;
  readonly #assigner: SessionAssigner<unknown>;
  readonly #earlyEvents: number;
  readonly #earlyByTime: boolean;
  readonly #byKey = new KeyedState<readonly Session[]>(false);
  /** Sessions by when they are to be looked at: an entry counts if it is the one that its session has noted. */
  readonly #due = new TimeHeap<Session>();
  #waiting: Session[] = [];
  /** The cell that was found last: often the next event has the same key. */
  #found: KeySessions | undefined;
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
    const sessions = cell === undefined ? none : cell.value;
    let first: Session | undefined;
    let metCount = 0;
    let end = until;
    for (let index = 0; index < sessions.length; index += 1) {
      const session = sessions[index]!;
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
    if (metCount === 1) this.#byKey.write(cell!, cell!.value);
    else this.#place(session, cell, time, until);
    if (time < session.start) session.start = time;
    session.end = end;
    if (end - 1 <= now) this.#fire(session, false);
    else if (session.sinceResult >= this.#earlyEvents) this.#fire(session, true);
    else if (this.#earlyByTime) this.#wait(session);
    this.#setDue(session);
    return true;
  }

  advance(now: number): void {
    this.#now = now;
    this.#due.takeUntil(now, (session, time) => {
      if (session.isGone || session.dueAt !== time) return;
      session.dueAt = Number.POSITIVE_INFINITY;
      if (!session.hasTold && session.end - 1 <= time) this.#fire(session, false);
      if (this.#isOver(session)) this.#drop(session);
      else this.#setDue(session);
    });
  }

  tick(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const session of waiting) {
      session.isWaiting = false;
      if (!session.isGone && session.sinceResult > 0 && session.end - 1 > this.#now) this.#fire(session, true);
    }
  }

  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  nextDue(): number {
    return this.#due.firstTime;
  }

  snapshot(): StateEntry[] {
    const { form } = this.#settings;
    return this.#byKey.takeChanged().map(({ key, present, value }): StateEntry => {
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
        const cell = new KeyedCell<readonly Session[]>(key, sessions);
        this.#byKey.restore(cell);
        for (const session of sessions) {
          if (this.#settings.bringUp(session, form, key)) this.#byKey.write(cell, sessions);
          this.#setDue(session);
          if (this.#earlyByTime && session.sinceResult > 0) this.#wait(session);
        }
      }
    }
  }

  #find(key: Key): KeySessions | undefined {
    const found = this.#found;
    if (found?.present && found.key === key) return found;
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

  /** Puts a session among those of its key, in the place of those that the interval meets. */
  #place(session: Session, cell: KeySessions | undefined, from: number, until: number): void {
    if (cell === undefined) return this.#byKey.add(new KeyedCell<readonly Session[]>(session.key, [session]));
    const others: Session[] = [];
    for (const other of cell.value) {
      if (!this.#meets(other, from, until)) others.push(other);
      else if (other !== session) session.takeIn(other, this.#settings.aggregate);
    }
    const place = others.findLastIndex(({ start }) => start < from) + 1;
    this.#byKey.write(cell, others.toSpliced(place, 0, session));
  }

  /** A session that grows is looked at when it would have ended before, and put off then. */
  #setDue(session: Session): void {
    const { allowedLatenessMs } = this.#settings;
    const due = session.end - 1 + (session.hasTold ? allowedLatenessMs : 0);
    if (session.dueAt <= due) return;
    session.dueAt = due;
    this.#due.add(due, session);
  }

  #wait(session: Session): void {
    if (session.isWaiting) return;
    session.isWaiting = true;
    this.#waiting.push(session);
  }

  #fire(session: Session, isEarly: boolean): void {
    const { aggregate, discards, results } = this.#settings;
    if (!isEarly) session.hasTold = true;
    if (discards && session.sinceResult === 0) return;
    const { key, start, end, accumulator } = session;
    const { revision, replaces } = session.tellAs(isEarly);
    results.put({ key, start, end, accumulator, revision, isEarly, ...(replaces.length === 0 ? {} : { replaces }) });
    session.sinceResult = 0;
    if (discards) session.accumulator = aggregate.create();
    const cell = this.#byKey.find(key)!;
    this.#byKey.write(cell, cell.value);
  }

  #isOver(session: Session): boolean {
    return session.hasTold && session.end - 1 + this.#settings.allowedLatenessMs <= this.#now;
  }

  #drop(session: Session): void {
    session.isGone = true;
    const cell = this.#byKey.find(session.key)!;
    if (cell.value.length === 1) this.#byKey.remove(cell);
    else
      this.#byKey.write(
        cell,
        cell.value.filter((other) => other !== session),
      );
  }
}
