/**
 * StoredReservation: what the storage holds of a source under at-most-once: where it goes on, and how many events before that
 * it may not have handed on. A storage holds reservations or checkpoints, never both.
 */

import type { SourceStanding } from "../../actors/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { JobPlan } from "../job-plan.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import { StorageGuaranteeError } from "../store/storage-error.ts";
import { cellKey } from "./channel-attempts.ts";

export interface StoredReservation extends SourceStanding {
  /** Events before the position that may not have been handed on: at the most so many. */
  readonly unsureEvents: number;
  /**
   * Of the whole run, when this was written: events in flight, and those that it had lost until then; at the most. 0 when it has
   * ended and said so.
   */
  readonly lostEvents: number;
  /** The write that it is of: of the reservations of a run the newest says what was lost. */
  readonly write: number;
}

/** As it stands in the place of a position. */
interface ReservationRecord {
  readonly reservedAtMostOnce: StoredReservation;
}

export function reservationRecord(reservation: StoredReservation): ReservationRecord {
  return { reservedAtMostOnce: reservation };
}

/** What the store holds of a cell; undefined when it has reserved nothing. */
export function reservationIn(store: CheckpointStore, cell: string): StoredReservation | undefined {
  const position = store.standingOf(cell)?.position;
  return isReservation(position) ? position.reservedAtMostOnce : undefined;
}

/** What the run before could not report any more, besides what is unsure; 0 when it has ended in order. */
export function lostIn(store: CheckpointStore, cells: readonly string[]): number {
  let newest: StoredReservation | undefined;
  for (const cell of cells) {
    const stored = reservationIn(store, cell);
    if (stored !== undefined && stored.write > (newest?.write ?? -1)) newest = stored;
  }
  return newest?.lostEvents ?? 0;
}

/**
 * Whether what is stored can be gone on with under a guarantee.
 *
 * @throws ERR_JOB_STORAGE_GUARANTEE
 */
export function checkStoredGuarantee(store: CheckpointStore, { chains }: JobPlan, guarantee: Guarantee): void {
  if (store.epoch === 0) return;
  const cells = chains.flatMap(({ id, instances }) => instances.map(({ instance }) => cellKey(id, instance)));
  const holdsReservations = cells.some((cell) => reservationIn(store, cell) !== undefined);
  if (holdsReservations === (guarantee === "at-most-once")) return;
  throw new StorageGuaranteeError(store.place, guarantee, holdsReservations);
}

/** Whether a stored position is a reservation. */
export function isReservation(position: unknown): position is ReservationRecord {
  return typeof position === "object" && position !== null && "reservedAtMostOnce" in position;
}
