/**
 * StreamSignal: what stream cells say to each other, and the job's supervisor to them. Tuples, because they are many;
 * every one that concerns a channel carries its attempt.
 */

import type { Batch } from "../batch.ts";
import type { ChannelItem } from "../channels/channel-item.ts";
import type { SentItem } from "../channels/outbox.ts";
import type { EventDeadLetter } from "../letters/event-dead-letter.ts";
import type { StateQuery } from "../state/state-query.ts";

export const signalKind = {
  batch: 0,
  watermark: 1,
  barrier: 2,
  end: 3,
  open: 4,
  credit: 5,
  begin: 6,
  reopen: 7,
  drain: 8,
  stats: 9,
  reserved: 10,
  epoch: 11,
  complete: 12,
  pause: 13,
  resume: 14,
  halt: 15,
  resubmit: 16,
  lastEpoch: 17,
  eventTimeLimit: 18,
  query: 19,
  keepNothing: 20,
} as const;

/** A channel, and the attempt that it is open under. */
export type OpenChannel = readonly [channel: number, attempt: number];

export type StreamSignal =
  | readonly [
      kind: typeof signalKind.batch,
      channel: number,
      attempt: number,
      seq: number,
      valueCount: number,
      body: Batch | Uint8Array,
    ]
  | readonly [
      kind: typeof signalKind.watermark,
      channel: number,
      attempt: number,
      seq: number,
      time: number,
      isIdle: boolean,
    ]
  | readonly [kind: typeof signalKind.barrier, channel: number, attempt: number, seq: number, epoch: number]
  | readonly [kind: typeof signalKind.end, channel: number, attempt: number, seq: number]
  | readonly [kind: typeof signalKind.open, channel: number, attempt: number, fromEpoch: number, creditValues: number]
  | readonly [
      kind: typeof signalKind.credit,
      channel: number,
      attempt: number,
      consumedValues: number,
      creditValues: number,
    ]
  /** All cells of the job are there: open the inputs. */
  | readonly [kind: typeof signalKind.begin]
  /** The upstream end of an input was restarted. */
  | readonly [kind: typeof signalKind.reopen, channel: number, attempt: number, fromEpoch: number]
  /** Sources stop reading. */
  | readonly [kind: typeof signalKind.drain]
  /** Asks for a note of kind "stats". */
  | readonly [kind: typeof signalKind.stats]
  /** The reservation `seq` of a source has been noted. */
  | readonly [kind: typeof signalKind.reserved, seq: number]
  /** Sources emit the barrier of this epoch. */
  | readonly [kind: typeof signalKind.epoch, epoch: number]
  /** The checkpoint of this epoch is complete. */
  | readonly [kind: typeof signalKind.complete, epoch: number]
  /** Sources read no further. */
  | readonly [kind: typeof signalKind.pause]
  /** Sources read on. */
  | readonly [kind: typeof signalKind.resume]
  /** Sources hand on nothing any more, and say where they stand. */
  | readonly [kind: typeof signalKind.halt]
  /** As `epoch`, and sources hand on nothing behind the barrier, also not that they have ended. */
  | readonly [kind: typeof signalKind.lastEpoch, epoch: number]
  /** Sources whose event time is behind this, in ms since the epoch, read no further. */
  | readonly [kind: typeof signalKind.eventTimeLimit, limit: number]
  /** Asks for a note of kind "answer" about what one of its operators keeps now. */
  | readonly [kind: typeof signalKind.query, id: number, operator: string, query: StateQuery]
  /** What is sent on these channels need not be kept: their receivers start over together with this cell. */
  | readonly [kind: typeof signalKind.keepNothing, channels: readonly OpenChannel[]]
  /** Dead letters for its operators to take again; while more are to come the cell does not end. */
  | readonly [kind: typeof signalKind.resubmit, letters: readonly EventDeadLetter[], areMoreToCome: boolean];

/** An item on its way from an outbox. */
export function itemSignal(channel: number, { attempt, seq, item }: SentItem): StreamSignal {
  switch (item.kind) {
    case "batch":
      return [signalKind.batch, channel, attempt, seq, item.valueCount, item.body];
    case "watermark":
      return [signalKind.watermark, channel, attempt, seq, item.time, item.isIdle];
    case "barrier":
      return [signalKind.barrier, channel, attempt, seq, item.epoch];
    case "end":
      return [signalKind.end, channel, attempt, seq];
  }
}

/** The item that a signal carries; undefined for signals that carry none. */
export function signalItem(signal: StreamSignal): ChannelItem | undefined {
  switch (signal[0]) {
    case signalKind.batch:
      return { kind: "batch", valueCount: signal[4], body: signal[5] };
    case signalKind.watermark:
      return { kind: "watermark", time: signal[4], isIdle: signal[5] };
    case signalKind.barrier:
      return { kind: "barrier", epoch: signal[4] };
    case signalKind.end:
      return { kind: "end" };
    default:
      return undefined;
  }
}
