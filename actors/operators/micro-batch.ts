/**
 * microBatch: an operator that works in micro-batches: what comes in is gathered, and at the end of each interval the operator
 * is given all of it at once, and behind it how far event time has come. So what is late is judged by event time as of the
 * batch before, and windows fire by that of their own, as in engines that know no single events.
 *
 * A batch also ends when it is full, at a barrier and at the end of the input. One that has only a watermark runs, too. The
 * intervals are counted from when the operator opened; those in which nothing was ready are not made up for.
 *
 * Invariants
 *  M1  the operator is given every event once, in the order in which they came, and watermarks behind the events that came before.
 *  M2  of an event that failed no result stays, and those behind it in its batch are still worked on.
 */

import {
  type CancelTimer,
  checkNames,
  type Duration,
  durationMs,
  mutated,
  OptionError,
  wholeNumber,
} from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { microBatchEventsDefault, microBatchEventsMax } from "../limits.ts";
import type { EarlierEvent, OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { followedBy, type Pieces } from "../pieces.ts";
import { firstWatermark, lastWatermark, type Watermark } from "../time/watermark.ts";
import { ForwardingContext } from "./forwarding-context.ts";
import { earlierEvent, GatheredOutput } from "./gathered-output.ts";

export interface MicroBatchOptions {
  /** How long events are gathered. */
  readonly interval: Duration;
  /** A batch with so many events ends early. Default `microBatchEventsDefault`. */
  readonly events?: number;
}

/**
 * The same operator in micro-batches.
 *
 * @throws ERR_RT_OPTION, also for an operator that has work in flight of its own, such as `mapAsync`
 */
export function microBatch(spec: OperatorSpec, options: MicroBatchOptions): OperatorSpec {
  if (spec.heads === true) {
    throw new OptionError("microBatch", spec.kind, "an operator that is done with an event when it has taken it");
  }
  const { intervalMs, eventsMax } = checkMicroBatch(options);
  const { preAggregation: _none, ...other } = spec;
  return { ...other, heads: true, create: () => new MicroBatchLogic(spec, intervalMs, eventsMax) };
}

/** Throws ERR_RT_OPTION. */
export function checkMicroBatch(options: MicroBatchOptions): {
  readonly intervalMs: number;
  readonly eventsMax: number;
} {
  checkNames("microBatch", options, { interval: true, events: true });
  const { interval, events } = options;
  const intervalMs = durationMs(interval, "microBatch: interval");
  if (intervalMs === 0) throw new OptionError("microBatch: interval", interval, "a duration above 0");
  const eventsMax = wholeNumber("microBatch: events", events ?? microBatchEventsDefault, 1, microBatchEventsMax);
  return { intervalMs, eventsMax };
}

class MicroBatchLogic implements OperatorLogic {
  readonly #logic: OperatorLogic;
  readonly #output: GatheredOutput;
  readonly #intervalMs: number;
  readonly #eventsMax: number;
  /** By input: one may have event times and another none. */
  readonly #eventsOf: BatchBuilder[] = [];
  /** The input that what is gathered came in on. */
  #input = 0;
  #events: BatchBuilder;
  /** To be told behind what is gathered. */
  #watermark: Watermark | undefined;
  /** What the operator has been told. */
  #told = firstWatermark.time;
  #context!: OperatorContext;
  #openedMs = 0;
  #cancelTick: CancelTimer | undefined;
  /** Whether the batch is to end in the next turn. */
  #isDue = false;
  /** Whether the operator asked for a call of its own. */
  #isWoken = false;
  /** In hand while the operator works on it. */
  #batch: Batch | undefined;
  /** Present when the operator takes messages, which do not wait for the end of a batch. */
  onMessage?: (message: unknown, output: Output) => unknown;

  constructor(spec: OperatorSpec, intervalMs: number, eventsMax: number) {
    this.#logic = spec.create();
    this.#output = new GatheredOutput(spec.outputs.length);
    this.#events = this.#ofInput(0);
    this.#intervalMs = intervalMs;
    this.#eventsMax = eventsMax;
  }

  open(context: OperatorContext): void | Promise<void> {
    this.#context = context;
    this.#openedMs = context.clock.monotonicMs();
    const inner = new InnerContext(context, {
      watermark: () => this.#told,
      onWake: () => {
        this.#isWoken = true;
      },
      inHand: (value) => this.#inHand(value),
    });
    const opening = this.#logic.open?.(inner);
    const logic = this.#logic;
    if (logic.onMessage !== undefined) this.onMessage = (message, output) => logic.onMessage?.(message, output);
    return opening;
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const input = batch.input ?? 0;
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      if (input !== this.#input) {
        this.#work();
        this.#input = input;
        this.#events = this.#ofInput(input);
      }
      this.#events.add(batch.values[index], batch.times?.[index], batch.keys?.[index]);
      if (this.#events.length >= this.#eventsMax) this.#work();
    }
    this.#output.handOn(output);
    this.#setTick();
  }

  onWatermark(watermark: Watermark, output: Output): Pieces | undefined {
    if (watermark.time === lastWatermark.time) {
      // How far event time came before the end must not depend on where the batch before it ended.
      return followedBy(this.#endBatch(output), () => {
        this.#watermark = watermark;
        return this.#endBatch(output);
      });
    }
    this.#watermark = watermark;
    this.#setTick();
    return undefined;
  }

  /** Behind what came on that input. */
  onInputOver(input: number, output: Output): Pieces | undefined {
    return followedBy(this.#endBatch(output), () => this.#logic.onInputOver?.(input, output));
  }

  onWake(output: Output): Pieces | undefined {
    return followedBy(this.#isDue ? this.#endBatch(output) : undefined, () => {
      if (!this.#isWoken) return;
      this.#isWoken = false;
      return this.#logic.onWake?.(output);
    });
  }

  onBarrier(): void {
    this.#logic.onBarrier?.();
    if (this.#events.length === 0 && this.#watermark === undefined) return;
    if (mutated("batch.kept-at-barrier")) return;
    this.#isDue = true;
    this.#context.wake();
  }

  quiet(): boolean {
    return !this.#isDue && (this.#logic.quiet?.() ?? true);
  }

  heldEvents(): number {
    return this.#events.length + (this.#logic.heldEvents?.() ?? 0);
  }

  /** Nothing is gathered any more, and nobody wakes it to end a batch: a tick to come would leave it at work for good. */
  onEnd(output: Output): Pieces | undefined | void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    return this.#logic.onEnd?.(output);
  }

  snapshot(epoch: number): ReturnType<NonNullable<OperatorLogic["snapshot"]>> {
    return this.#logic.snapshot?.(epoch) ?? [];
  }

  readState(key: Key | undefined): ReturnType<NonNullable<OperatorLogic["readState"]>> {
    return this.#logic.readState?.(key) ?? [];
  }

  restore(...state: Parameters<NonNullable<OperatorLogic["restore"]>>): void {
    this.#logic.restore?.(...state);
  }

  onComplete(epoch: number): void {
    this.#logic.onComplete?.(epoch);
  }

  close(): void | Promise<void> {
    this.#cancelTick?.();
    return this.#logic.close?.();
  }

  #endBatch(output: Output): Pieces | undefined | void {
    this.#isDue = false;
    this.#work();
    this.#output.handOn(output);
    const watermark = this.#watermark;
    if (watermark === undefined) return;
    this.#watermark = undefined;
    this.#told = Math.max(this.#told, watermark.time);
    if (this.#logic.onWatermark !== undefined) return this.#logic.onWatermark(watermark, output);
    output.advance(watermark.time, watermark.isIdle);
  }

  /** M2 */
  #work(): void {
    if (this.#events.length === 0) return;
    const taken = this.#events.take();
    const batch = this.#input === 0 ? taken : { ...taken, input: this.#input };
    this.#batch = batch;
    this.#output.work(this.#logic, batch, (value, error, event) => this.#context.failEvent(value, error, event));
    this.#batch = undefined;
  }

  #ofInput(input: number): BatchBuilder {
    this.#eventsOf[input] ??= new BatchBuilder();
    return this.#eventsOf[input];
  }

  #inHand(value: unknown): EarlierEvent | undefined {
    const { position } = this.#output;
    const batch = this.#batch;
    return batch !== undefined && batch.values[position] === value ? earlierEvent(batch, position) : undefined;
  }

  /** Ends the batch with the interval. */
  #setTick(): void {
    if (this.#cancelTick !== undefined || (this.#events.length === 0 && this.#watermark === undefined)) return;
    const { clock } = this.#context;
    const passedMs = (clock.monotonicMs() - this.#openedMs) % this.#intervalMs;
    this.#cancelTick = clock.after(this.#intervalMs - passedMs, () => {
      this.#cancelTick = undefined;
      this.#isDue = true;
      this.#context.wake();
    });
  }
}

/** What the operator is told of where it runs: event time as of its last batch. */
class InnerContext extends ForwardingContext {
  readonly #batching: Batching;

  constructor(context: OperatorContext, batching: Batching) {
    super(context);
    this.#batching = batching;
  }

  override watermark(): number {
    return this.#batching.watermark();
  }

  override wake(): void {
    this.#batching.onWake();
    super.wake();
  }

  override deadLetter(value: unknown, error: unknown, event = this.#batching.inHand(value)): void {
    super.deadLetter(value, error, event);
  }
}

interface Batching {
  readonly watermark: () => number;
  readonly onWake: () => void;
  /** What is known of a value that is the event in hand. */
  readonly inHand: (value: unknown) => EarlierEvent | undefined;
}
