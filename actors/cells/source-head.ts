/**
 * SourceHead: the reader of a source, and what was read but not handed on yet. Where nothing may come twice, a source reserves
 * what it hands on before it does: when its thread or process dies, the next incarnation goes on behind the newest reservation, so
 * that events may be skipped but never come twice. One that acknowledges reserves each stride that it has read, one that can be
 * read again reserves ahead (reserving-ahead.ts).
 *
 * A source that is paused reads no further, and still hands on what it has read, closes epochs, and ends when told to. Behind
 * the barrier of the last epoch it hands on nothing, also not its end: whoever goes on from that checkpoint does.
 *
 * Invariants
 *  R1  events are handed on only after their reservation was noted, and acknowledged where the source does that.
 *  R2  at most `stridesMax` strides wait.
 *  R3  aligned, the barriers of all epochs are emitted, one after the other, also of those given up: receivers that hold
 *      back an input for one of them would never see it from this source otherwise (P2).
 *  R4  what a checkpoint holds is acknowledged when it is complete, not before.
 */

import { type CellContext, type Directive, faultPoint, mutated, reasonOf } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { Alignment } from "../epochs/barrier-aligner.ts";
import { batchEventsMax, stridesMax } from "../limits.ts";
import type { PartContext } from "../operator.ts";
import type { PollResult, Position, SourceContext, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import type { ChannelWatermark } from "../time/input-watermarks.ts";
import { BatchSlicer } from "./batch-slicer.ts";
import type { Head, HeadResult, HeadResultAfterEnd, InputStanding } from "./head.ts";
import type { Passer } from "./passer.ts";
import { PolledEvents } from "./polled-events.ts";
import type { AbsentNote, ReservationNote } from "./reservation-note.ts";
import { ReservingAhead } from "./reserving-ahead.ts";
import { SourceFailedError } from "./source-failed-error.ts";
import { type StreamSignal, signalKind } from "./stream-signal.ts";
import { type SourceEnd, type SourceStanding, type Stride, Strides } from "./strides.ts";

export interface SourceHeadSpec {
  readonly spec: SourceSpec<unknown>;
  /** Where it goes on; its position is undefined for the start. */
  readonly standing: SourceStanding;
  readonly alignment: Alignment;
  /** The checkpoint that it starts from; 0 for none. */
  readonly epoch: number;
  /** Whether events are reserved before they are handed on. */
  readonly reserve: boolean;
  /** The directory of the job's storage. */
  readonly storage: string | undefined;
  /** What to do about an error of the source. */
  readonly decide: (error: unknown) => Directive;
}

/** What takes the events of a source. */
export interface SourceTarget {
  /** Takes a range of a batch into the chain. */
  take(batch: Batch, from: number, to: number): void;
  /** Takes events as they are emitted, if somebody does. */
  readonly passer: Passer | undefined;
}

/** The note with which a source says where it stands, after which it hands on nothing any more. */
export type HaltNote = SourceEnd & { readonly kind: "halted" };

export class SourceHead implements Head {
  readonly #cell: CellContext;
  readonly #spec: SourceHeadSpec;
  readonly #contextOf: () => PartContext;
  readonly #target: SourceTarget;
  readonly #hasRoom: () => boolean;
  readonly #slicer = new BatchSlicer();
  readonly #polled: PolledEvents;
  readonly #strides: Strides;
  /** Undefined where it reserves stride by stride, or not at all. */
  readonly #ahead: ReservingAhead | undefined;
  /** Where the source stood at barriers whose epochs are not complete yet. */
  readonly #unacknowledged: { readonly epoch: number; readonly position: Position }[] = [];
  #reader: SourceReader<unknown>;
  #readerState: "unopened" | "open" | "failed" = "unopened";
  /** What the reader reported between two polls; thrown by the next one. */
  #reported: { readonly error: unknown } | undefined;
  #lastProgress: SourceProgress | undefined;
  #abort = new AbortController();
  #draining = false;
  #paused = false;
  #halted = false;
  /** Whether nothing follows the barrier that is due, or was emitted last. */
  #isLastEpoch = false;
  /** The newest epoch to close as soon as what was read has been handed on. */
  #barrier: number | undefined;
  #reachedEpoch: number;
  #result: PollResult = "more";
  readonly alignmentMs = 0;
  #eventCount = 0;

  /**
   * @param contextOf the context of the source, as it is at the time
   * @param hasRoom whether more may be read, as far as the rest of the cell is concerned
   */
  constructor(
    cell: CellContext,
    spec: SourceHeadSpec,
    contextOf: () => PartContext,
    target: SourceTarget,
    hasRoom: () => boolean,
  ) {
    this.#cell = cell;
    this.#spec = spec;
    this.#contextOf = contextOf;
    this.#target = target;
    this.#hasRoom = hasRoom;
    this.#polled = new PolledEvents(cell, target.passer);
    this.#strides = new Strides(this.#reservesStrides, spec.standing);
    if (spec.reserve && !this.#reservesStrides)
      this.#ahead = new ReservingAhead(cell, this.#strides, () => this.#eventCount);
    this.#reachedEpoch = spec.epoch;
    this.#reader = spec.spec.create();
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
      storage: this.#spec.storage,
      fail: (error) => {
        if (this.#reader !== reader) return;
        this.#reported ??= { error };
        this.#cell.wake();
      },
    };
    const { position } = this.#strides;
    try {
      await reader.open(context, position);
      if (position === undefined && this.#spec.reserve) this.#reserveStart();
    } catch (error) {
      throw this.#failure(error);
    }
    this.#readerState = "open";
  }

  get isPaused(): boolean {
    return !this.#mayRead;
  }

  begin(): void {}

  work(): HeadResult {
    if (this.#halted || (this.#isLastEpoch && this.#barrier === undefined)) return "idle";
    if (this.#barrier === undefined) this.#read();
    this.#ahead?.look(this.#result !== "end" && !this.#draining && this.#mayRead);
    const stride = this.#strides.next;
    const room = this.#room;
    if (stride !== undefined && room > 0) {
      this.#takeSlice(stride, room);
      return "more";
    }
    if (this.#strides.count > 0) return "idle";
    if (mutated("source.reads-behind-barrier") && this.#barrier !== undefined) this.#read();
    if (this.#barrier !== undefined) return this.#reachBarrier(this.#barrier);
    if (this.#result === "end" || this.#draining) {
      // Whoever was lost before has reserved more than the input has.
      const absent = this.#result === "end" ? this.#strides.skipNoMore() : 0;
      if (absent > 0) this.#cell.notify({ kind: "absent", events: absent } satisfies AbsentNote);
      this.#ahead?.giveBack();
      return "ended";
    }
    return this.#result === "more" && this.#mayRead ? "more" : "idle";
  }

  workAfterEnd(): HeadResultAfterEnd {
    return this.#barrier === undefined ? "idle" : this.#reachBarrier(this.#barrier);
  }

  position(): Position | undefined {
    return this.#strides.position;
  }

  complete(epoch: number): void {
    const index = this.#unacknowledged.findLastIndex((barrier) => barrier.epoch <= epoch);
    const complete = this.#unacknowledged.splice(0, index + 1).at(-1);
    if (complete !== undefined && !mutated("source.forgets-to-acknowledge"))
      this.#acknowledge(complete.position, () => undefined);
  }

  endedInputs(): readonly number[] {
    return [];
  }

  inputs(): readonly InputStanding[] {
    return [];
  }

  watermarks(): readonly ChannelWatermark[] {
    return [];
  }

  signal(signal: StreamSignal): void {
    const isLastEpoch = signal[0] === signalKind.lastEpoch;
    if ((isLastEpoch || signal[0] === signalKind.epoch) && signal[1] > this.#reachedEpoch) this.#barrier = signal[1];
    if (isLastEpoch) this.#isLastEpoch = true;
    if (signal[0] === signalKind.reserved) this.#reserved(signal[1]);
    if (signal[0] === signalKind.halt) this.#halt();
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
    if (this.#readerState !== "open") await this.#reopen();
    // Behind the note of where it starts, which has no number.
    this.#ahead?.startOver();
  }

  async #reopen(): Promise<void> {
    if (this.#readerState === "failed") await this.#closeReader();
    // What was not acknowledged is delivered again.
    if (this.#reservesStrides) this.#strides.dropUnreleased();
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
    this.#ahead?.stop();
    await this.#closeReader();
  }

  /** How many events may be handed on now. */
  get #room(): number {
    return this.#ahead?.room ?? Number.POSITIVE_INFINITY;
  }

  /** Whether events may go on as they are emitted, unless others wait. */
  get #passes(): boolean {
    return (
      this.#target.passer !== undefined && !this.#reservesStrides && this.#strides.skipCount === 0 && this.#room > 0
    );
  }

  get #reservesStrides(): boolean {
    return this.#spec.reserve && this.#spec.spec.acknowledging === true;
  }

  get #mayRead(): boolean {
    return !this.#paused && this.#hasRoom();
  }

  /** R3; counted, epochs that were given up are skipped. */
  #reachBarrier(newest: number): { readonly barrier: number } {
    const isEach = this.#spec.alignment === "aligned" && !mutated("source.skips-given-up");
    this.#reachedEpoch = isEach ? this.#reachedEpoch + 1 : newest;
    if (this.#reachedEpoch === newest) this.#barrier = undefined;
    const { position } = this.#strides;
    // Before it has read anything it has no position, and there is nothing to acknowledge.
    if (this.#spec.spec.acknowledging && position !== undefined) {
      this.#unacknowledged.push({ epoch: this.#reachedEpoch, position });
      if (mutated("source.acknowledges-early")) this.#acknowledge(position, () => undefined);
    }
    faultPoint("source.barrier.before");
    return { barrier: this.#reachedEpoch };
  }

  #read(): void {
    const isOver = this.#result === "end" || this.#draining;
    const isDone = isOver && this.#strides.count === 0;
    if (this.#reported !== undefined && !isDone) throw this.#failure(this.#reported.error);
    if (this.#strides.count >= (this.#passes ? 1 : stridesMax) || isOver || !this.#mayRead) return;
    const passMax = this.#passes ? Math.min(batchEventsMax, this.#room) : 0;
    let { position } = this.#strides;
    let hasFailed = false;
    try {
      // A stride at a time where they are reserved, so that reservations are few.
      this.#result = this.#polled.poll(this.#reader, this.#reservesStrides, passMax);
      if (this.#hasPosition) position = this.#reader.position?.();
    } catch (error) {
      hasFailed = true;
      this.#reported = { error };
      // What was emitted before is read again from the position before it, or never comes again and must go on.
      if (this.#hasPosition) this.#polled.drop();
    }
    this.#push(position, hasFailed && this.#hasPosition);
    if (hasFailed) throw this.#failure(this.#reported?.error);
  }

  /** @param isReadAgain whether all that was read is read again */
  #push(position: Position, isReadAgain: boolean): void {
    const { count, passedCount, isPassing } = this.#polled;
    this.#eventCount += passedCount;
    if (isReadAgain) this.#strides.skip(passedCount);
    else if (count === 0) this.#strides.moveTo(position);
    else {
      const stride = this.#strides.push(this.#polled.take(), position, passedCount);
      if (stride !== undefined && this.#reservesStrides) this.#reserve(stride.seq);
    }
    if (isPassing) this.#target.passer?.endPassing();
  }

  /** So that a start that depends on the size of the input, or on its name, is the same the next time. */
  #reserveStart(): void {
    const position = this.#reader.position?.();
    this.#strides.moveTo(position);
    this.#reserve(-1);
  }

  /** Everything that was read. */
  #reserve(seq: number): void {
    const standing = { position: this.#strides.position, skipCount: this.#strides.skipCount };
    this.#cell.notify({
      kind: "reserve",
      seq,
      standing,
      unsureEvents: this.#strides.waitingEvents,
    } satisfies ReservationNote);
  }

  /** R1 */
  #reserved(seq: number): void {
    if (this.#ahead !== undefined) return this.#ahead.answered(seq);
    const stride = this.#strides.upTo(seq);
    // Who hands on nothing any more leaves to the next one what it has not acknowledged.
    if (stride === undefined || (this.#halted && !mutated("source.acknowledges-halted"))) return;
    const release = () => {
      this.#strides.release(seq);
      this.#cell.wake();
    };
    if (mutated("source.hands-on-unacknowledged")) release();
    this.#strides.confirm(stride.seq);
    this.#acknowledge(stride.behind, release);
  }

  #acknowledge(position: Position, then: () => void): void {
    const reader = this.#reader;
    const fail = (error: unknown) => {
      if (this.#reader !== reader) return;
      this.#reported ??= { error };
      if (this.#result === "end")
        this.#contextOf().logger.log("error", "a source could not acknowledge its end", { error: reasonOf(error) });
      this.#cell.wake();
    };
    if (this.#readerState !== "open" || !this.#spec.spec.acknowledging) return then();
    try {
      const acknowledged = reader.acknowledge?.(position);
      if (acknowledged === undefined) then();
      else acknowledged.then(then, fail);
    } catch (error) {
      fail(error);
    }
  }

  #halt(): void {
    this.#halted = true;
    this.#ahead?.stop();
    this.#cell.notify({ kind: "halted", ...this.#strides.end } satisfies HaltNote);
  }

  #takeSlice({ batch, from }: Stride, eventCountMax: number): void {
    const to = Math.min(batch.values.length, from + Math.min(this.#slicer.sliceEvents, eventCountMax));
    this.#strides.take(to);
    this.#eventCount += to - from;
    const startMs = this.#cell.clock.monotonicMs();
    this.#target.take(batch, from, to);
    this.#slicer.took(this.#cell.clock.monotonicMs() - startMs);
  }

  get #hasPosition(): boolean {
    const { replayable, acknowledging = false } = this.#spec.spec;
    return replayable || acknowledging;
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
