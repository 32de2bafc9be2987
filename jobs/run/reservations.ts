/**
 * Reservations: how far the sources of a run have read under at-most-once. A source hands on what it has read after its
 * position behind that was noted, in the storage if there is one; whoever comes after it goes on behind that.
 *
 * Invariants
 *  V1  a source is told that events are reserved after the storage holds it.
 *  V2  of what a source on a lost thread has reserved nothing is told to its successor.
 *  V3  one commit is under way at a time; what is reserved meanwhile goes into the next one, all sources together.
 *  V4  what a run has lost when its process dies is no more than the newest durable commit says: what was in flight or lost
 *      already when it was put together, and the events that are unsure in it. What was handed on later was reserved by it or
 *      before (V1), and is of the events that were unsure then. Also of a run that has ended, until its report was told: whoever
 *      dies in between has it told by the next one, perhaps a second time, and never not at all.
 *  V5  what an input does not have was not lost: what a source was to leave out behind its end is taken back, once.
 */

import {
  type HaltNote,
  type ReservationNote,
  type SourceStanding,
  type StreamSignal,
  signalKind,
} from "../../actors/index.ts";
import { assert, type Host, toWire } from "../../runtime/index.ts";
import { statsLimitMs } from "../limits.ts";
import type { Checkpoint, CheckpointStore } from "../store/checkpoint-store.ts";
import { PatientCommit } from "../store/patient-commit.ts";
import type { JobCell } from "./job-cell.ts";
import { StatsSurvey } from "./stats-survey.ts";
import { lostIn, reservationIn, reservationRecord } from "./stored-reservation.ts";

/** The cell of a source. */
type SourceCell = Pick<JobCell, "key" | "address">;

export interface ReservationActions {
  tell(cell: SourceCell, signal: StreamSignal): void;
  /** They cannot be stored: the run cannot go on. */
  fail(error: Error): void;
  /** Events that are in flight now, and that were lost until now, whoever lost them; at the most. */
  lostIfKilled(): number;
}

/** Of one incarnation. */
interface SourceReservation {
  standing: SourceStanding;
  /** Events before the standing that it may not have handed on. */
  unsureEvents: number;
  /** Of the newest reservation, and whose it is; -1 before the first one. */
  seq: number;
  /** Events that this run has counted as lost with those that read it before. */
  countedEvents: number;
  cell: SourceCell | undefined;
  isStored: boolean;
}

export class Reservations {
  readonly #host: Pick<Host, "clock" | "logger">;
  readonly #store: CheckpointStore | undefined;
  readonly #commit: PatientCommit | undefined;
  readonly #actions: ReservationActions;
  readonly #sources = new Map<string, SourceReservation>();
  readonly #halts: StatsSurvey<SourceCell>;
  #writing: Promise<void> | undefined;
  #isEnding = false;
  /** As written last. */
  #storedLostEvents = 0;

  /** @param store undefined when nothing is kept beyond the run */
  constructor(host: Pick<Host, "clock" | "logger">, store: CheckpointStore | undefined, actions: ReservationActions) {
    this.#host = host;
    this.#store = store;
    this.#actions = actions;
    this.#halts = new StatsSurvey(host.clock, (cell) => actions.tell(cell, [signalKind.halt]));
    this.#commit =
      store &&
      new PatientCommit(store, host.clock, (_epoch, attempt, error) => {
        const { message } = toWire(error);
        host.logger.log("warn", "reservations could not be stored", { place: store.place, attempt, message });
      });
  }

  /** Where the source of a cell goes on. */
  standingOf(cell: string): SourceStanding {
    return this.#of(cell).standing;
  }

  /** Events that the source of a cell may not have handed on when the process before ended, at the most; says so in the log. */
  skippedBefore(cell: string): number {
    const events = (this.#store && reservationIn(this.#store, cell)?.unsureEvents) ?? 0;
    if (events > 0) {
      this.#host.logger.log("warn", "a source goes on behind events that it may not have handed on", { cell, events });
    }
    return events;
  }

  /** Events that the processes before may have lost behind their sources and could not report, at the most; says so in the log. */
  lostBefore(cells: readonly string[]): number {
    const events = this.#store === undefined ? 0 : lostIn(this.#store, cells);
    if (events > 0) this.#host.logger.log("warn", "events were in flight when the process before ended", { events });
    return events;
  }

  reserve(cell: SourceCell, { seq, standing, unsureEvents }: Omit<ReservationNote, "kind">): void {
    const source = this.#of(cell.key);
    source.cell = cell;
    source.standing = standing;
    source.unsureEvents = unsureEvents;
    source.seq = seq;
    source.isStored = false;
    if (this.#commit === undefined) this.#actions.tell(cell, [signalKind.reserved, seq]);
    else if (this.#writing === undefined && !this.#isEnding) this.#writing = this.#write(this.#commit);
  }

  /** A source was lost with its thread: how many events it may have reserved and not handed on, at the most. */
  lose(cell: SourceCell): number {
    this.#halts.answered(cell);
    const source = this.#of(cell.key);
    // V2, also of reservations that wait for a write which ends when the successor is there: it counts its own from 0.
    const countedEvents = source.countedEvents + source.unsureEvents;
    this.#sources.set(cell.key, { ...source, unsureEvents: 0, countedEvents, seq: -1 });
    return source.unsureEvents;
  }

  /**
   * A source has come to the end of its input, and was to leave out so many events more: how many of those that were counted as lost
   * there have never been. What the run before has counted is not taken back.
   */
  absent(cell: SourceCell, events: number): number {
    const source = this.#of(cell.key);
    const { position, skipCount } = source.standing;
    assert(events <= skipCount, "V5: no more is absent than was to be left out");
    source.standing = { position, skipCount: skipCount - events };
    source.isStored = false;
    const counted = Math.min(events, source.countedEvents);
    source.countedEvents -= counted;
    return counted;
  }

  /** A source hands on nothing any more, and stands there. */
  halted(cell: SourceCell, { standing, unsureEvents }: Omit<HaltNote, "kind">): void {
    const source = this.#of(cell.key);
    source.standing = standing;
    source.unsureEvents = unsureEvents;
    source.isStored = false;
    this.#halts.answered(cell);
  }

  /** A source has handed on everything that it has reserved. */
  handedOn(cell: SourceCell): void {
    const source = this.#of(cell.key);
    source.unsureEvents = 0;
    source.isStored = false;
  }

  /**
   * Asks the sources that read where they stand, and stores that, with what the run has lost, or says in the log that it could
   * not be. A source that does not answer within `statsLimitMs` keeps what it has reserved.
   */
  async end(sources: readonly SourceCell[]): Promise<void> {
    if (this.#store === undefined) return;
    await this.#halts.run(sources, statsLimitMs);
    this.#isEnding = true;
    this.#commit?.stop();
    await this.#writing;
    await this.#writeLast(this.#actions.lostIfKilled());
  }

  /** Whether the storage says that events were lost which nobody may know of. */
  get isReportDue(): boolean {
    return this.#store !== undefined && this.#storedLostEvents > 0;
  }

  /** What the run has lost was told by its report: the next one begins with nothing. */
  reported(): Promise<void> {
    return this.#writeLast(0);
  }

  async #writeLast(lostEvents: number): Promise<void> {
    const unstored = lostEvents === this.#storedLostEvents ? this.#unstored() : this.#reserved();
    if (this.#store === undefined || unstored.length === 0) return;
    try {
      await this.#store.commit(this.#checkpointOf(unstored, lostEvents));
      for (const [, source] of unstored) source.isStored = true;
      this.#storedLostEvents = lostEvents;
    } catch (error) {
      const { message } = toWire(error);
      const { place } = this.#store;
      this.#host.logger.log("error", "where sources stand could not be stored: the next start may skip events", {
        place,
        message,
      });
    }
  }

  #of(cell: string): SourceReservation {
    const known = this.#sources.get(cell);
    if (known !== undefined) return known;
    const stored = this.#store && reservationIn(this.#store, cell);
    const standing = { position: stored?.position, skipCount: stored?.skipCount ?? 0 };
    // From now on this run counts what the one before has lost.
    const isStored = stored === undefined || (stored.unsureEvents === 0 && stored.lostEvents === 0);
    const countedEvents = stored?.unsureEvents ?? 0;
    const source = { standing, unsureEvents: 0, seq: -1, countedEvents, cell: undefined, isStored };
    this.#sources.set(cell, source);
    return source;
  }

  /** V3 */
  async #write(commit: PatientCommit): Promise<void> {
    for (let unstored = this.#unstored(); unstored.length > 0 && !this.#isEnding; unstored = this.#unstored()) {
      const told = unstored.map(([cell, source]) => ({ cell, source, seq: source.seq }));
      for (const { source } of told) source.isStored = true;
      this.#storedLostEvents = this.#actions.lostIfKilled();
      const isWritten = await commit
        .write(this.#checkpointOf(unstored, this.#storedLostEvents))
        .catch((error: Error) => {
          this.#actions.fail(error);
          return false;
        });
      for (const { cell, source, seq } of told) {
        const current = this.#of(cell);
        if (!isWritten) current.isStored = false;
        else if (current === source && source.cell) this.#actions.tell(source.cell, [signalKind.reserved, seq]);
      }
      if (!isWritten) break;
    }
    this.#writing = undefined;
  }

  #unstored(): [string, SourceReservation][] {
    return [...this.#sources].filter(([, { isStored }]) => !isStored);
  }

  /** Those that are not stored, and those that this run has reserved. */
  #reserved(): [string, SourceReservation][] {
    return [...this.#sources].filter(([, { cell, isStored }]) => cell !== undefined || !isStored);
  }

  #checkpointOf(sources: readonly (readonly [string, SourceReservation])[], lostEvents: number): Checkpoint {
    const epoch = (this.#store?.epoch ?? 0) + 1;
    const rest = {
      epoch,
      deltas: {},
      endedInputs: [],
      watermarks: [],
      ended: false,
      reopenedAt: undefined,
      uncommitted: false,
      deadLetters: undefined,
      resubmitted: [],
      rows: {},
    };
    const snapshots = new Map(
      sources.map(([cell, { standing, unsureEvents }]) => {
        const position = reservationRecord({ ...standing, unsureEvents, lostEvents, write: epoch });
        return [cell, [{ ...rest, position }]];
      }),
    );
    return { epoch, snapshots };
  }
}
