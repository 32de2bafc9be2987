/** Session: one window of activity of one key, and the windows that its results were told for; and the sessions of a key, which can be packed. */

import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import { type CellPacking, KeyedCell } from "../state/keyed-state.ts";
import type { Window } from "./aligned-windows.ts";

/** A window that a result was told for, and the revision of the next one for it. */
interface ToldWindow extends Window {
  readonly nextRevision: number;
}

export class Session {
  readonly key: Key;
  // Numbers from the first: V8 writes such a field in place, and puts a number on the heap each time where it was undefined once.
  start = Number.NaN;
  end = Number.NaN;
  accumulator: unknown;
  /** Events since the last result. */
  sinceResult = 0;
  /** Whether it has told its result, and has not grown since. */
  hasTold = false;
  told: readonly ToldWindow[] = [];

  constructor(key: Key, start: number, end: number) {
    this.key = key;
    this.start = start;
    this.end = end;
  }

  /** Another session becomes a part of this one, which begins before it. */
  takeIn(other: Session, aggregate: Aggregate<unknown, unknown, unknown>): void {
    this.accumulator = aggregate.merge!(this.accumulator, other.accumulator);
    this.sinceResult += other.sinceResult;
    this.told = [...this.told, ...other.told];
  }

  /** Of a result: its revision, the windows that it replaces, and what has been told once it is. */
  nextResult(isEarly: boolean): {
    readonly revision: number;
    readonly replaces: readonly Window[];
    readonly told: readonly ToldWindow[];
  } {
    const { start, end } = this;
    const isOwn = (window: Window) => window.start === start && window.end === end;
    const revision = this.told.find(isOwn)?.nextRevision ?? 0;
    const replaces = this.told.filter((window) => !isOwn(window)).map(({ start, end }) => ({ start, end }));
    return { revision, replaces, told: [{ start, end, nextRevision: isEarly ? revision : revision + 1 }] };
  }
}

/** The sessions of one key. */
export class SessionsCell extends KeyedCell<readonly Session[]> {
  /** When they are looked at next. */
  dueAt = Number.POSITIVE_INFINITY;
}

export type StoredSession = readonly [
  start: number,
  end: number,
  accumulator: unknown,
  sinceResult: number,
  told: readonly (readonly [start: number, end: number, nextRevision: number])[],
];

export function storedSession({ start, end, accumulator, sinceResult, told }: Session): StoredSession {
  return [start, end, accumulator, sinceResult, told.map(({ start, end, nextRevision }) => [start, end, nextRevision])];
}

/** @param now how far time had come for its key when it was stored */
export function fromStored(key: Key, stored: StoredSession, now: number): Session {
  const [start, end, accumulator, sinceResult, told] = stored;
  const session = new Session(key, start, end);
  session.accumulator = accumulator;
  session.sinceResult = sinceResult;
  session.hasTold = end - 1 <= now;
  session.told = told.map(([start, end, nextRevision]) => ({ start, end, nextRevision }));
  return session;
}

/** How the sessions of many keys are kept: as they are stored, and whether each has told its result. */
export const packedSessions: CellPacking<readonly Session[], SessionsCell> = {
  keptOf: ({ value }) => value.map((session) => [storedSession(session), session.hasTold]),
  sideOf: ({ dueAt }) => dueAt,
  unpacked(key, kept, side) {
    const sessions = (kept as unknown as readonly (readonly [StoredSession, boolean])[]).map(([stored, hasTold]) => {
      const session = fromStored(key, stored, Number.NEGATIVE_INFINITY);
      session.hasTold = hasTold;
      return session;
    });
    const cell = new SessionsCell(key, sessions);
    cell.dueAt = side;
    return cell;
  },
};
