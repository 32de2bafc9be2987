/**
 * SourceHead: the reader of a source, and what was read but not handed on yet. A replayable source reserves what it read,
 * with the position behind it, before it emits it: when its thread dies, the next incarnation goes on behind the newest
 * reservation, so that events may be skipped but never come twice.
 *
 * A source that is paused reads no further, and still hands on what it has read, closes epochs, and ends when told to.
 *
 * Invariants
 *  R1  events of a stride are emitted only after its reservation was noted.
 *  R2  at most `stridesMax` strides wait.
 *  R3  aligned, the barriers of all epochs are emitted, one after the other, also of those given up: receivers that hold
 *      back an input for one of them would never see it from this source otherwise (P2).
 */

import { type CellContext, type Directive, MillraceError, printValue } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { Alignment } from "../epochs/barrier-aligner.ts";
import { sliceBudgetMs, strideEventsMax, stridesMax } from "../limits.ts";
import type { OperatorContext } from "../operator.ts";
import type {
  PollResult,
  Position,
  SourceContext,
  SourceOutput,
  SourceProgress,
  SourceReader,
  SourceSpec,
} from "../source.ts";
import { BatchSlicer } from "./batch-slicer.ts";
import type { Head, HeadResult, HeadResultAfterEnd } from "./head.ts";
import { type StreamSignal, signalKind } from "./stream-signal.ts";

/** A source could not open or go on reading its input; the cause is its error. */
export class SourceFailedError extends MillraceError {
  readonly code = "ERR_ACT_SOURCE_FAILED";

  constructor(source: string, path: string, directive: Directive, cause: unknown) {
    const why = cause instanceof Error ? cause.message : printValue(cause);
    super(`source ${JSON.stringify(source)} failed at ${path}: ${why}`, {
      cause,
      details: { source, path, directive },
    });
  }
}

export interface SourceHeadSpec {
  readonly spec: SourceSpec<unknown>;
  /** Where a new incarnation on a new thread goes on; undefined for the start. */
  readonly position: Position | undefined;
  readonly alignment: Alignment;
  /** The checkpoint that it starts from; 0 for none. */
  readonly epoch: number;
  /** Whether strides are reserved before they are emitted. */
  readonly reserve: boolean;
  /** What to do about an error of the source. */
  readonly decide: (error: unknown) => Directive;
}

/** The note with which a source reserves a stride. */
export interface ReservationNote {
  readonly kind: "reserve";
  readonly seq: number;
  /** Behind the stride. */
  readonly position: Position;
  readonly eventCount: number;
}

interface Stride {
  readonly seq: number;
  readonly batch: Batch;
  from: number;
}

export class SourceHead implements Head {
  readonly #cell: CellContext;
  readonly #spec: SourceHeadSpec;
  readonly #contextOf: () => OperatorContext;
  readonly #take: (batch: Batch, from: number, to: number) => void;
  readonly #hasRoom: () => boolean;
  readonly #slicer = new BatchSlicer();
  readonly #pollSlicer = new BatchSlicer();
  readonly #builder = new BatchBuilder();
  readonly #output: SourceOutput<unknown>;
  readonly #strides: Stride[] = [];
  #reader: SourceReader<unknown>;
  #readerState: "unopened" | "open" | "failed" = "unopened";
  /** What the reader reported between two polls; thrown by the next one. */
  #reported: { readonly error: unknown } | undefined;
  #lastProgress: SourceProgress | undefined;
  #abort = new AbortController();
  /** Behind the last stride read; where a reader that failed is opened again. */
  #position: Position | undefined;
  #readSeq = 0;
  #reservedSeq = 0;
  #draining = false;
  #paused = false;
  /** The newest epoch to close as soon as what was read has been handed on. */
  #barrier: number | undefined;
  #reachedEpoch: number;
  #result: PollResult = "more";
  readonly alignmentMs = 0;
  #eventCount = 0;

  /**
   * @param contextOf the context of the source, as it is at the time
   * @param take takes a range of a batch into the chain
   * @param hasRoom whether more may be read, as far as the outboxes of the cell are concerned
   */
  constructor(
    cell: CellContext,
    spec: SourceHeadSpec,
    contextOf: () => OperatorContext,
    take: (batch: Batch, from: number, to: number) => void,
    hasRoom: () => boolean,
  ) {
    this.#cell = cell;
    this.#spec = spec;
    this.#contextOf = contextOf;
    this.#take = take;
    this.#hasRoom = hasRoom;
    this.#position = spec.position;
    this.#reachedEpoch = spec.epoch;
    this.#reader = spec.spec.create();
    const { progress } = cell;
    const builder = this.#builder;
    this.#output = {
      emit: (value, time) => {
        progress[0] = (progress[0] ?? 0) + 1;
        builder.add(value, time, undefined);
      },
    };
  }

  /** Events emitted by this incarnation of the cell. */
  get eventCount(): number {
    return this.#eventCount;
  }

  async start(): Promise<void> {
    const reader = this.#reader;
    const context: SourceContext = {
      ...this.#contextOf(),
      signal: this.#abort.signal,
      fail: (error) => {
        if (this.#reader !== reader) return;
        this.#reported ??= { error };
        this.#cell.wake();
      },
    };
    try {
      await reader.open(context, this.#position);
    } catch (error) {
      throw this.#failure(error);
    }
    this.#readerState = "open";
  }

  begin(): void {}

  work(): HeadResult {
    if (this.#barrier === undefined) this.#read();
    const stride = this.#strides[0];
    if (stride !== undefined && (!this.#spec.reserve || stride.seq < this.#reservedSeq)) {
      this.#takeSlice(stride);
      return "more";
    }
    if (stride !== undefined) return "idle";
    if (this.#barrier !== undefined) return this.#reachBarrier(this.#barrier);
    if (this.#result === "end" || this.#draining) return "ended";
    return this.#result === "more" && this.#mayRead ? "more" : "idle";
  }

  workAfterEnd(): HeadResultAfterEnd {
    return this.#barrier === undefined ? "idle" : this.#reachBarrier(this.#barrier);
  }

  position(): Position | undefined {
    return this.#position;
  }

  endedInputs(): readonly number[] {
    return [];
  }

  signal(signal: StreamSignal): void {
    if (signal[0] === signalKind.epoch && signal[1] > this.#reachedEpoch) this.#barrier = signal[1];
    if (signal[0] === signalKind.reserved) this.#reservedSeq = Math.max(this.#reservedSeq, signal[1] + 1);
    if (signal[0] === signalKind.pause) this.#paused = true;
    if (signal[0] === signalKind.resume) this.#paused = false;
    if (signal[0] === signalKind.drain) {
      this.#draining = true;
      this.#abort.abort();
    }
    this.#cell.wake();
  }

  /**
   * A reader that failed is closed, and a new one goes on behind what was read. One that did not, because an operator behind
   * it failed, reads on: not every input can be opened twice.
   */
  async restart(): Promise<void> {
    if (this.#readerState === "open") return;
    if (this.#readerState === "failed") await this.#closeReader();
    this.#reported = undefined;
    this.#abort = new AbortController();
    this.#reader = this.#spec.spec.create();
    this.#readerState = "unopened";
    this.#result = "more";
    if (!this.#draining) await this.start();
  }

  progress(): SourceProgress | undefined {
    if (this.#readerState === "open") this.#lastProgress = this.#reader.progress?.();
    return this.#lastProgress;
  }

  async stop(): Promise<void> {
    await this.#closeReader();
  }

  get #mayRead(): boolean {
    return !this.#paused && this.#hasRoom();
  }

  /** R3; counted, epochs that were given up are skipped. */
  #reachBarrier(newest: number): { readonly barrier: number } {
    this.#reachedEpoch = this.#spec.alignment === "aligned" ? this.#reachedEpoch + 1 : newest;
    if (this.#reachedEpoch === newest) this.#barrier = undefined;
    return { barrier: this.#reachedEpoch };
  }

  #read(): void {
    if (this.#strides.length >= stridesMax || this.#result === "end" || this.#draining || !this.#mayRead) return;
    const { replayable } = this.#spec.spec;
    try {
      if (this.#reported !== undefined) throw this.#reported.error;
      this.#poll();
      if (replayable) this.#position = this.#reader.position?.();
    } catch (error) {
      // What was emitted before is read again from the position before it, or never comes again and must go on.
      if (replayable) this.#builder.truncate(0);
      else if (this.#builder.length > 0) this.#reserve();
      throw this.#failure(error);
    }
    if (this.#builder.length > 0) this.#reserve();
  }

  /** Polls a batch's worth, or, so that reservations are few, a stride's worth within the time budget. */
  #poll(): void {
    const { clock } = this.#cell;
    const startMs = clock.monotonicMs();
    const eventCountMax = this.#spec.reserve ? strideEventsMax : this.#pollSlicer.sliceEvents;
    let elapsedMs = 0;
    do {
      this.#result = this.#reader.poll(this.#output, this.#pollSlicer.sliceEvents);
      const nowMs = clock.monotonicMs();
      this.#pollSlicer.took(nowMs - startMs - elapsedMs);
      elapsedMs = nowMs - startMs;
    } while (this.#result === "more" && this.#builder.length < eventCountMax && elapsedMs < sliceBudgetMs);
  }

  #reserve(): void {
    const batch = this.#builder.take();
    const seq = this.#readSeq;
    this.#readSeq += 1;
    this.#strides.push({ seq, batch, from: 0 });
    if (!this.#spec.reserve) return;
    const eventCount = batch.values.length;
    this.#cell.notify({ kind: "reserve", seq, position: this.#position, eventCount } satisfies ReservationNote);
  }

  #takeSlice(stride: Stride): void {
    const { batch, from } = stride;
    const to = Math.min(batch.values.length, from + this.#slicer.sliceEvents);
    stride.from = to;
    if (to === batch.values.length) this.#strides.shift();
    this.#eventCount += to - from;
    const startMs = this.#cell.clock.monotonicMs();
    this.#take(batch, from, to);
    this.#slicer.took(this.#cell.clock.monotonicMs() - startMs);
  }

  async #closeReader(): Promise<void> {
    this.#abort.abort();
    await this.#reader.close?.();
  }

  #failure(error: unknown): SourceFailedError {
    this.#readerState = "failed";
    const directive = this.#spec.decide(error);
    // There is no event to give up; a reader that failed has to be opened again.
    const instead = directive === "resume" ? "restart" : directive;
    return new SourceFailedError(this.#contextOf().operator, this.#cell.address.path, instead, error);
  }
}
