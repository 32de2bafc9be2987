/**
 * OutputEdge: one edge of the graph as a cell sends on it: partitioner, a builder and an outbox per channel. Batches grow
 * until they are full or flushed; what is appended to an outbox leaves as credit allows.
 *
 * A watermark leaves behind the results before it, at the next flush; of several that come before that, the last one does.
 * It never goes back, also when the operator started over. The last one before the end of the stream always leaves: how far event time came
 * must not depend on when it was flushed.
 */

import {
  type Address,
  assertPlainData,
  encodeBatch,
  encodeRows,
  type MillraceError,
  mutated,
  RowColumns,
} from "../../runtime/index.ts";
import { type Batch, eventCount, partOf } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { Passer } from "../cells/passer.ts";
import { FoldedEvents } from "../groupings/folded-events.ts";
import { betweenThreads, type Folds, withinThread } from "../groupings/folds.ts";
import type { KeyFigures } from "../groupings/frequent-keys.ts";
import type { Grouping } from "../groupings/grouping.ts";
import { PanedFolds } from "../groupings/paned-folds.ts";
import { createPartitioner, type Partitioner } from "../groupings/partitioner.ts";
import type { PreAggregation } from "../groupings/pre-aggregation.ts";
import { batchBytesSoft, batchEventsMax, channelBatchEventsMax, sentBatchEventsMax } from "../limits.ts";
import { firstWatermark, lastWatermark, type Watermark } from "../time/watermark.ts";
import { Outbox, type Retention, type SentItem } from "./outbox.ts";
import { PassedToColumns } from "./passed-to-columns.ts";
import { eventBytes, retainedBytes } from "./retained-bytes.ts";

export interface OutputEdgeSpec {
  readonly grouping: Grouping;
  /** How events are put together before they leave; only for the grouping "key", or to one channel. */
  readonly preAggregation?: PreAggregation | undefined;
  /** Whether events leave their thread with their keys and times alone, where they have times. Default false. */
  readonly isBare?: boolean | undefined;
  /** By downstream instance. */
  readonly channels: readonly OutputChannelSpec[];
}

export interface OutputChannelSpec {
  readonly channel: number;
  readonly to: Address;
  /** The attempt that the channel is at as the sender starts: it is not opened under an older one. Default 0. */
  readonly attemptMin?: number | undefined;
  /** Whether both ends start over together, so that nothing has to be kept for a replay. Default false. */
  readonly isUnkept?: boolean | undefined;
}

/** Called with each event that could not be sent, and why. */
export type Refuse = (value: unknown, error: unknown) => void;

export class OutputEdge {
  readonly #grouping: Grouping;
  readonly #partitioner: Partitioner;
  readonly #folds: Folds | undefined;
  readonly #channels: readonly OutputChannel[];
  readonly #builders: readonly BatchBuilder[];
  readonly #progress: Int32Array;
  #watermark: Watermark = firstWatermark;
  /** Whether it has been told of the watermark. */
  #isTold = true;

  /**
   * @param host the host that this end of the channels lives on
   * @param progress is told of each batch that is encoded, and of each event that is put together as it is emitted
   */
  constructor(spec: OutputEdgeSpec, instance: number, host: number, retention: Retention, progress: Int32Array) {
    this.#channels = spec.channels.map((channel) => {
      return new OutputChannel(channel, channel.to.host !== host, spec, retention, progress);
    });
    this.#builders = this.#channels.map((channel) => channel.builder);
    this.#progress = progress;
    const { grouping, preAggregation } = spec;
    this.#grouping = grouping;
    const upstream = grouping.kind === "forward" ? 0 : instance;
    if (preAggregation !== undefined) {
      const bounds = spec.channels.every(({ to }) => to.host === host) ? withinThread : betweenThreads;
      const { aggregate, panes } = preAggregation;
      const selector = grouping.kind === "key" ? grouping.selector : noKey;
      this.#folds =
        panes === undefined
          ? new FoldedEvents(selector, spec.channels.length, aggregate, bounds)
          : new PanedFolds(selector, spec.channels.length, aggregate, panes(), bounds);
    }
    this.#partitioner =
      this.#folds ??
      createPartitioner(grouping, spec.channels.length, upstream, (target) => this.#channels[target]?.loadEvents ?? 0);
  }

  get channels(): readonly OutputChannel[] {
    return this.#channels;
  }

  /** Which keys come most often; undefined where events are not sent by key. */
  get keyFigures(): KeyFigures | undefined {
    return this.#grouping.kind === "key" ? this.#partitioner.frequentKeys?.figures() : undefined;
  }

  /** Events that wait to be put into the batch of a channel. */
  get heldEvents(): number {
    return this.#folds?.eventCount ?? 0;
  }

  /**
   * Routes the events `from` to `to` of a batch; full channels are flushed. `refuse` gets the events that have no target or
   * cannot be carried.
   */
  send(batch: Batch, from: number, to: number, refuse: Refuse): void {
    for (const channel of this.#channels) channel.makeWay(batch, from, to, refuse);
    let next = from;
    while (next < to) {
      try {
        this.#partitioner.route(batch, next, to, this.#builders);
        next = to;
      } catch (error) {
        next = this.#partitioner.failedAt + 1;
        refuse(batch.values[next - 1], error);
      }
    }
    this.#sendFull(refuse);
  }

  /**
   * Takes events as they are emitted, where they are put together, or where all go into columns of one channel; undefined where batches are
   * wanted.
   *
   * @param timed whether they have times
   * @param eventKeys the keys of each event, where that is sure
   */
  passer(refuse: Refuse, timed: boolean, eventKeys: readonly string[] | undefined): Passer | undefined {
    const folds = this.#folds;
    if (folds === undefined) return eventKeys && this.#columnPasser(refuse, eventKeys);
    if (timed !== folds.isTimed) return undefined;
    const output = folds.passTo(this.#builders, this.#progress);
    return {
      startPassing: (room, overflow) => (folds.startPassing(room, overflow) ? output : undefined),
      get passedCount() {
        return folds.passing.count;
      },
      endPassing: () => {
        folds.endPassing();
        const { failure } = folds.passing;
        if (failure !== undefined) refuse(failure.value, failure.error);
        this.#sendFull(refuse);
      },
    };
  }

  #columnPasser(refuse: Refuse, eventKeys: readonly string[]): Passer | undefined {
    const [channel, ...others] = this.#channels;
    const { frequentKeys } = this.#partitioner;
    if (channel?.expectKeys(eventKeys) !== true || others.length > 0) return undefined;
    if (this.#grouping.kind !== "key" || frequentKeys === undefined) return undefined;
    return new PassedToColumns(channel, this.#grouping.selector, frequentKeys, this.#progress, refuse);
  }

  #sendFull(refuse: Refuse): void {
    if (this.#folds?.isFull) this.#unfold(this.#folds, refuse);
    for (const channel of this.#channels) {
      if (channel.builder.length >= channel.fullEvents) channel.flush(refuse);
    }
  }

  /** Event time has come so far. Whether there will be events for now is told at once: those that follow have to find it so. */
  advance({ time, isIdle }: Watermark, refuse: Refuse): void {
    if (time === lastWatermark.time) this.flush(refuse);
    const before = this.#watermark;
    if (time <= before.time && isIdle === before.isIdle) return;
    this.#watermark = { time: Math.max(time, before.time), isIdle };
    this.#isTold = false;
    if (isIdle !== before.isIdle) this.flush(refuse);
  }

  /** What the builders hold moves to the outboxes, and the watermark behind it. */
  flush(refuse: Refuse): void {
    if (this.#folds !== undefined && !mutated("edge.keeps-folded")) this.#unfold(this.#folds, refuse);
    for (const channel of this.#channels) channel.flush(refuse);
    if (this.#isTold) return;
    this.#isTold = true;
    for (const { outbox } of this.#channels) outbox.append({ kind: "watermark", ...this.#watermark });
  }

  /** What is put together goes into the batches of its channels. */
  #unfold(folds: Folds, refuse: Refuse): void {
    if (folds.eventCount === 0) return;
    for (const [target, batch] of folds.take().entries()) {
      if (batch !== undefined) this.#channels[target]!.sendWhole(batch, refuse);
    }
  }
}

export class OutputChannel {
  readonly channel: number;
  readonly to: Address;
  readonly builder = new BatchBuilder();
  readonly outbox: Outbox;
  /** With so many events a batch leaves. */
  readonly fullEvents: number;
  readonly #remote: boolean;
  readonly #isBare: boolean;
  /** Whether events are put together as if they had a key. */
  readonly #dropsKeys: boolean;
  readonly #progress: Int32Array;
  /** The keys of each event, where that is sure. */
  #eventKeys: readonly string[] | undefined;
  /** Takes events one by one, in the place of the builder: what it holds is before what that holds. Present once an event is known. */
  #rows: RowColumns | undefined;

  constructor(
    { channel, to, attemptMin, isUnkept = false }: OutputChannelSpec,
    remote: boolean,
    { grouping, preAggregation, isBare = false }: OutputEdgeSpec,
    retention: Retention,
    progress: Int32Array,
  ) {
    this.channel = channel;
    this.to = to;
    this.#remote = remote;
    this.fullEvents = remote ? sentBatchEventsMax : batchEventsMax;
    this.#isBare = isBare;
    this.#dropsKeys = preAggregation !== undefined && grouping.kind !== "key";
    this.#progress = progress;
    this.outbox = new Outbox(isUnkept ? "with-receiver" : retention, attemptMin);
  }

  /** Events that the receiver has not consumed, as far as is known here. */
  get loadEvents(): number {
    return (this.#rows?.count ?? 0) + this.builder.length + this.outbox.unsentEvents + this.outbox.inFlightEvents;
  }

  get rows(): RowColumns | undefined {
    return this.#rows;
  }

  /** Each event has these keys, and no others. False where they are not written to columns. */
  expectKeys(keys: readonly string[]): boolean {
    if (this.#remote) this.#eventKeys = keys;
    return this.#remote;
  }

  /**
   * The events `from` to `to` of a batch may follow: a batch that was handed on by reference leaves before it would have to be copied to be more
   * than full, and rows leave before other events.
   */
  makeWay({ values }: Batch, from: number, to: number, refuse: Refuse): void {
    if (from === to) return;
    const isTooLong = this.builder.isShared && this.builder.length + to - from > this.fullEvents;
    if (isTooLong || this.#rows?.count) this.flush(refuse);
    if (this.#eventKeys === undefined || this.#rows !== undefined) return;
    const rows = RowColumns.for(values[from], sentBatchEventsMax + batchEventsMax);
    const isAsSaid = rows?.shape.keys.join() === this.#eventKeys.join();
    if (isAsSaid) this.#rows = rows;
    else this.#eventKeys = undefined;
  }

  /** What was collected leaves as batches that are neither very long nor, between threads, very large. */
  flush(refuse: Refuse): void {
    if (this.#rows?.count) this.#flushRows(this.#rows, refuse);
    if (this.builder.length > 0) this.#flushBatch(this.builder.take(), refuse);
  }

  /** Sends a batch behind what was collected. */
  sendWhole(batch: Batch, refuse: Refuse): void {
    this.flush(refuse);
    this.#flushBatch(batch, refuse);
  }

  #flushRows(rows: RowColumns, refuse: Refuse): void {
    const { count } = rows;
    const isSmall = !rows.hasLists || count <= eventsOfFrame(rows.batchOf(count >> 1, 1));
    const body = isSmall ? encodeRows(rows) : undefined;
    const batch = body === undefined ? rows.batchOf(0, count) : undefined;
    rows.clear();
    if (body !== undefined) this.#appendBody(count, count, body);
    if (batch !== undefined) this.#flushBatch(batch, refuse);
  }

  #flushBatch(given: Batch, refuse: Refuse): void {
    const batch = this.#dropsKeys && !mutated("edge.keeps-keys") ? { ...given, keys: undefined } : given;
    const { length } = batch.values;
    const step = this.#remote && length > 1 ? eventsOfFrame(batch) : channelBatchEventsMax;
    for (let from = 0; from < length; from += step) {
      const to = Math.min(length, from + step);
      if (this.#remote) this.#appendEncoded(batch, from, to, refuse);
      else this.#append(to - from, eventCount(batch, from, to), slice(batch, from, to));
    }
  }

  next(): SentItem | undefined {
    return this.outbox.next();
  }

  #append(valueCount: number, eventCount: number, body: Batch | Uint8Array): void {
    this.outbox.append(
      { kind: "batch", valueCount, eventCount, body },
      this.outbox.isReplayed ? retainedBytes(body) : 0,
    );
  }

  #appendBody(valueCount: number, eventCount: number, body: Uint8Array): void {
    this.#append(valueCount, eventCount, body);
    this.#progress[0] = (this.#progress[0] ?? 0) + 1;
  }

  /** Encodes a range of a batch; one that cannot be encoded is halved until only the events at fault are left out. */
  #appendEncoded(batch: Batch, from: number, to: number, refuse: Refuse): void {
    const valueCount = to - from;
    try {
      const part = slice(batch, from, to);
      this.#appendBody(valueCount, eventCount(batch, from, to), encodeBatch(this.#isBare ? bare(part) : part));
    } catch (error) {
      if (!isCodecError(error)) throw error;
      if (valueCount === 1) return refuse(batch.values[from], nameEvent(batch.values[from], error));
      const middle = from + (valueCount >> 1);
      this.#appendEncoded(batch, from, middle, refuse);
      this.#appendEncoded(batch, middle, to, refuse);
    }
  }
}

/** What events have for a key that are put together without one. */
const noKey = () => 0;

/** How many events of a batch are encoded together, judging by one of them. */
function eventsOfFrame(batch: Batch): number {
  try {
    return Math.max(1, Math.min(channelBatchEventsMax, Math.floor(batchBytesSoft / eventBytes(batch))));
  } catch {
    // It has a getter that throws, and is refused as it is encoded.
    return channelBatchEventsMax;
  }
}

function slice(batch: Batch, from: number, to: number): Batch {
  const { values, times, keys, counts } = batch;
  if (from === 0 && to === values.length) return batch;
  return {
    values: values.slice(from, to),
    times: partOf(times, from, to),
    keys: partOf(keys, from, to),
    counts: partOf(counts, from, to),
  };
}

/** Without values: but for accumulators, and for events without a time, which fail with what they are. */
function bare(batch: Batch): Batch {
  const { values, times, counts } = batch;
  if (times === undefined || counts !== undefined) return batch;
  return { ...batch, values: new Array<undefined>(values.length).fill(undefined) };
}

function isCodecError(error: unknown): error is MillraceError {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "ERR_RT_NOT_PLAIN_DATA" || code === "ERR_RT_FRAME_TOO_LARGE";
}

/** The error with the path within the event itself, where there is one. */
function nameEvent(value: unknown, error: MillraceError): unknown {
  if (error.code !== "ERR_RT_NOT_PLAIN_DATA") return error;
  try {
    assertPlainData(value, "event");
  } catch (named) {
    return named;
  }
  return error;
}
