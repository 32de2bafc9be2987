/**
 * InputsHead: the channels that lead to an operator. A batch is decoded when the turn of its input comes, consumed slice by slice, and
 * reported as credit when it is done.
 *
 * Not here: whose turn it is (input-turns.ts).
 *
 * Invariant
 *  I1  an input has ended in a snapshot when it did before its barrier; the cell ends between two epochs, so that it has
 *      ended in a snapshot only when what sends to it has. Counting barriers, it may know more than that already.
 *  I2  while the operator awaits one of its inputs, others are taken only up to a barrier that another has delivered, so that
 *      epochs go on and little has to wait in the state of the operator; and event time stands still.
 */

import { type Address, type CellContext, decodeBatch, mutated } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { ChannelItem } from "../channels/channel-item.ts";
import { CreditWindow } from "../channels/credit-window.ts";
import { Inbox } from "../channels/inbox.ts";
import { type Alignment, BarrierAligner } from "../epochs/barrier-aligner.ts";
import { type ChannelWatermark, InputWatermarks } from "../time/input-watermarks.ts";
import { firstWatermark, lastWatermark, type Watermark } from "../time/watermark.ts";
import { BatchSlicer } from "./batch-slicer.ts";
import type { Head, HeadNews, HeadResult, HeadResultAfterEnd, InputStanding } from "./head.ts";
import { InputTurns } from "./input-turns.ts";
import { type StreamSignal, signalItem, signalKind } from "./stream-signal.ts";

export interface InputSpec {
  readonly channel: number;
  /** Which input of the operator it leads to. */
  readonly input: number;
  readonly from: Address;
  readonly attempt: number;
}

/** Where the inputs stand when the cell starts. */
export interface InputsStart {
  readonly alignment: Alignment;
  /** The checkpoint that the cell starts from; 0 for none. */
  readonly epoch: number;
  readonly endedInputs: readonly number[];
  readonly watermarks: readonly ChannelWatermark[];
  /** Whether the upstream ends keep what they sent, and send it again when they or this cell start over. */
  readonly isReplayed: boolean;
  /** The input of the operator that has to be over before the others are taken. */
  readonly awaitedInput: number | undefined;
}

interface Input {
  readonly index: number;
  readonly channel: number;
  /** Which input of the operator it leads to. */
  readonly input: number;
  readonly from: Address;
  readonly inbox: Inbox;
  /** The barrier behind which the end came. */
  endedBehind: number;
  /** When its watermark came last, on the monotonic clock. */
  movedMs: number;
}

export class InputsHead implements Head {
  readonly isPaused = false;
  readonly #cell: CellContext;
  readonly #inputs: readonly Input[];
  readonly #inputByChannel: ReadonlyMap<number, Input>;
  readonly #aligner: BarrierAligner;
  readonly #fromEpoch: number;
  readonly #isReplayed: boolean;
  readonly #take: (batch: Batch, from: number, to: number) => void;
  readonly #slicer = new BatchSlicer();
  readonly #turns: InputTurns<Input>;
  readonly #watermarks: InputWatermarks;
  /** How far event time has come, while the operators have not been told. */
  #untold: Watermark | undefined;
  /** I2; undefined when it is over. */
  #awaited: number | undefined;
  #inHand: { readonly input: Input; readonly batch: Batch; from: number } | undefined;
  #begun = false;
  /** When the first input delivered the barrier that others have not. */
  #aligningFromMs: number | undefined;
  #alignmentMs = 0;

  /** @param take takes a range of a batch into the chain */
  constructor(
    cell: CellContext,
    specs: readonly InputSpec[],
    creditEvents: number,
    start: InputsStart,
    take: (batch: Batch, from: number, to: number) => void,
  ) {
    this.#cell = cell;
    this.#take = take;
    this.#fromEpoch = start.epoch;
    this.#isReplayed = start.isReplayed;
    this.#aligner = new BarrierAligner(specs.length, start.alignment, start.epoch);
    const nowMs = cell.clock.monotonicMs();
    const hasEnded = (channel: number) => start.endedInputs.includes(channel) && !mutated("inputs.end-forgotten");
    this.#inputs = specs.map(({ channel, input, from, attempt }, index) => {
      const window = new CreditWindow(creditEvents, from.host === cell.address.host, nowMs);
      const inbox = new Inbox(attempt, window, hasEnded(channel));
      return { index, channel, input, from, inbox, endedBehind: -1, movedMs: nowMs };
    });
    const channels = specs.map(({ channel }) => channel);
    this.#watermarks = new InputWatermarks(channels, start.watermarks, start.epoch);
    if (this.#watermarks.merged !== firstWatermark) this.#untold = this.#watermarks.merged;
    this.#awaited = start.awaitedInput;
    const canBeTaken = (input: Input) => this.#canBeTaken(input);
    this.#turns = new InputTurns(this.#inputs, canBeTaken, ({ index }) => this.#watermarks.inputAt(index));
    this.#inputByChannel = new Map(this.#inputs.map((input) => [input.channel, input]));
  }

  get alignmentMs(): number {
    return this.#alignmentMs;
  }

  begin(): void {
    this.#begun = true;
    for (const input of this.#inputs) this.#open(input, this.#fromEpoch);
  }

  work(): HeadResult {
    if (this.#isAwaitedOver) return this.#tellOver();
    const watermark = this.#untold;
    if (watermark !== undefined && this.#awaited === undefined) {
      this.#untold = undefined;
      return { watermark };
    }
    const found = this.#inHand === undefined ? this.#takeUp() : "batch";
    if (typeof found === "object") return found;
    if (found === "batch") {
      this.#takeSlice();
      return "more";
    }
    return this.#aligner.isLevel && this.#hasEnded ? "ended" : "idle";
  }

  signal(signal: StreamSignal): void {
    if (signal[0] === signalKind.reopen) return this.#reopen(signal[1], signal[2], signal[3]);
    const item = signalItem(signal);
    if (item === undefined) return;
    const [, channel, attempt, seq] = signal as StreamSignal & readonly [number, number, number, number, ...unknown[]];
    const input = this.#inputByChannel.get(channel);
    if (input?.inbox.accept(attempt, seq, item)) this.#cell.wake();
  }

  workAfterEnd(): HeadResultAfterEnd {
    for (let found = this.#takeUp(); found !== "nothing"; found = this.#takeUp()) {
      if (typeof found === "object" && !("barrier" in found)) continue;
      // A barrier before the end of an input that started over: what it closes is not what this cell had ended behind.
      if (typeof found === "object") return this.#hasEnded ? found : "replayed";
      if (this.#isReplayed) return "replayed";
      const inHand = this.#inHand;
      this.#inHand = undefined;
      if (inHand !== undefined) this.#consumed(inHand.input, inHand.batch);
    }
    return "idle";
  }

  endedInputs(epoch: number): readonly number[] {
    const ended = this.#inputs.filter(
      ({ inbox, endedBehind }) => inbox.ended && (endedBehind < epoch || mutated("inputs.ended-early")),
    );
    return ended.map(({ channel }) => channel);
  }

  watermarks(epoch: number): readonly ChannelWatermark[] {
    return this.#watermarks.at(epoch);
  }

  inputs(): readonly InputStanding[] {
    const nowMs = this.#cell.clock.monotonicMs();
    return this.#inputs.map(({ index, channel, movedMs }) => {
      return { channel, ...this.#watermarks.inputAt(index), forMs: nowMs - movedMs };
    });
  }

  complete(epoch: number): void {
    this.#watermarks.complete(epoch);
  }

  position(): undefined {}

  async restart(): Promise<void> {}

  progress(): undefined {}

  async stop(): Promise<void> {}

  get #hasEnded(): boolean {
    return this.#inputs.every((input) => input.inbox.ended);
  }

  #open(input: Input, fromEpoch: number): void {
    const { inbox } = input;
    const signal: StreamSignal = [signalKind.open, input.channel, inbox.attempt, fromEpoch, inbox.windowValues];
    this.#cell.host.signal(input.from, signal);
  }

  #reopen(channel: number, attempt: number, fromEpoch: number): void {
    const input = this.#inputByChannel.get(channel);
    const nowMs = this.#cell.clock.monotonicMs();
    if (input === undefined || !input.inbox.reopen(attempt, this.#isReplayed, nowMs)) return;
    this.#aligner.reopen(input.index, fromEpoch);
    if (this.#isReplayed) this.#watermarks.reopen(input.index, fromEpoch);
    if (this.#begun) this.#open(input, fromEpoch);
  }

  /** Takes up the next batch, or reaches a barrier, or event time moves. */
  #takeUp(): "batch" | "nothing" | HeadNews {
    for (let input = this.#turns.next(); input !== undefined; input = this.#turns.next()) {
      while (this.#canBeTaken(input)) {
        const item = input.inbox.take() as ChannelItem;
        if (item.kind === "batch") {
          const batch = item.body instanceof Uint8Array ? decodeBatch(item.body) : item.body;
          this.#inHand = { input, batch: input.input === 0 ? batch : { ...batch, input: input.input }, from: 0 };
          return "batch";
        }
        if (item.kind === "watermark") {
          input.movedMs = this.#cell.clock.monotonicMs();
          const watermark = this.#watermarks.advance(input.index, item, this.#aligner.isAhead(input.index));
          if (watermark !== undefined && this.#awaited === undefined) return { watermark };
          this.#untold = watermark ?? this.#untold;
        }
        if (item.kind === "end") input.endedBehind = this.#aligner.highestOf(input.index);
        const barrier = item.kind === "barrier" ? this.#onBarrier(input, item.epoch) : undefined;
        if (barrier !== undefined) return { barrier };
        if (this.#isAwaitedOver) return this.#tellOver();
      }
    }
    return "nothing";
  }

  #canBeTaken(input: Input): boolean {
    return !input.inbox.isEmpty && !this.#aligner.holdsBack(input.index) && !this.#hasToWait(input);
  }

  /** I2 */
  #hasToWait({ index, input }: Input): boolean {
    return this.#awaited !== undefined && input !== this.#awaited && !this.#aligner.isBehind(index);
  }

  get #isAwaitedOver(): boolean {
    if (this.#awaited === undefined) return false;
    return this.#inputs.every(({ index, input, inbox }) => {
      return input !== this.#awaited || inbox.ended || this.#watermarks.inputAt(index).time === lastWatermark.time;
    });
  }

  #tellOver(): HeadNews {
    const inputOver = this.#awaited as number;
    this.#awaited = undefined;
    return { inputOver };
  }

  #onBarrier(input: Input, epoch: number): number | undefined {
    const nowMs = this.#cell.clock.monotonicMs();
    this.#aligningFromMs ??= nowMs;
    this.#watermarks.mark(input.index, epoch);
    const reached = this.#aligner.onBarrier(input.index, epoch);
    if (reached === undefined) return undefined;
    this.#untold = this.#watermarks.reached(reached, (each) => this.#aligner.isAhead(each)) ?? this.#untold;
    this.#alignmentMs = nowMs - this.#aligningFromMs;
    this.#aligningFromMs = this.#aligner.isLevel ? undefined : nowMs;
    return reached;
  }

  /** The slice counts as taken before the chain works on it: what fails stays in the hands of the operator. */
  #takeSlice(): void {
    const inHand = this.#inHand;
    if (inHand === undefined) return;
    const { batch, from, input } = inHand;
    const valueCount = batch.values.length;
    const to = Math.min(valueCount, from + this.#slicer.sliceEvents);
    inHand.from = to;
    if (to === valueCount) this.#inHand = undefined;
    const startMs = this.#cell.clock.monotonicMs();
    try {
      this.#take(batch, from, to);
    } finally {
      if (to === valueCount) this.#consumed(input, batch);
    }
    this.#slicer.took(this.#cell.clock.monotonicMs() - startMs);
  }

  #consumed({ inbox, channel, from }: Input, batch: Batch): void {
    const consumption = inbox.consumed(batch.values.length, this.#cell.clock.monotonicMs());
    if (consumption === undefined) return;
    const { consumedValues, creditValues } = consumption;
    this.#cell.host.signal(from, [signalKind.credit, channel, inbox.attempt, consumedValues, creditValues]);
  }
}
