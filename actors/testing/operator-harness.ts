/**
 * OperatorHarness: runs one instance of an operator or sink the way its cell does, in virtual time, and holds it to the
 * seam's protocol. A failing event is resumed: its results are taken back, it becomes a dead letter, and the operator is
 * asked again from the event behind it.
 *
 * Checked in every run
 *  O1  `begin` is called for each event taken, in order, within the range asked for.
 *  O2  results come only while the operator is called, on outputs that it declared.
 *  O3  only an operator with `ready` leaves events, and only one that is not ready takes none of them; when it is ready
 *      again it wakes its cell.
 *  O4  nothing happens after `close`.
 *  O5  a watermark that it passes on never goes back.
 */

import { assert, checkNames, type OptionNames, VirtualClock } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { mergedState } from "../epochs/merged-state.ts";
import { changedEntries, encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import type { Guarantee } from "../guarantee.ts";
import type { OperatorLogic, OperatorSpec } from "../operator.ts";
import { EventMutatedError, frozenLogic } from "../operators/frozen-logic.ts";
import { type ProcessMaker, type ProcessOptions, process } from "../operators/process.ts";
import { finish, type Pieces } from "../pieces.ts";
import type { SinkSpec } from "../sink.ts";
import { lastWatermark, type Watermark } from "../time/watermark.ts";
import { betweenEvents, HarnessOutput, type HarnessResult } from "./harness-output.ts";
import { type HarnessDeadLetter, TestContext, type TestContextOptions, testContextNames } from "./test-context.ts";

export interface HarnessEvent<T = unknown> {
  readonly value: T;
  /** Event time in ms since the epoch. */
  readonly time?: number;
  readonly key?: Key;
  /** Of how many events the value is the accumulator, where an operator takes such. Default 0: it is an event. */
  readonly folded?: number;
}

/** Everything that a run brought forth, to be compared with another run. */
export interface HarnessRun {
  /** By the name of the output. */
  readonly results: Readonly<Record<string, readonly HarnessResult[]>>;
  readonly deadLetters: readonly HarnessDeadLetter[];
}

export interface OperatorHarnessOptions extends TestContextOptions<VirtualClock> {
  /** What a sink is made for. Default `"at-most-once"`; otherwise the harness restores it, and takes it through epochs. */
  readonly guarantee?: Guarantee;
  /** The key of an event that is fed without one. Default: events have the key that they are fed with, if any. */
  readonly keyOf?: (value: unknown, input: number) => Key | undefined;
  /** Whether events are frozen, so that an operator that changes one throws ERR_ACT_EVENT_MUTATED. Default true. */
  readonly freeze?: boolean;
  /** State that it starts from, as `barrier` returned it. Default: none. */
  readonly restore?: { readonly entries: readonly StateEntry[]; readonly epoch: number };
}

export const operatorHarnessNames: OptionNames<OperatorHarnessOptions> = {
  ...testContextNames,
  guarantee: true,
  keyOf: true,
  freeze: true,
  restore: true,
};

/** Rounds of promises within which an operator must have reacted to what is resolved. */
const promiseRounds = 50;

export class OperatorHarness<In = unknown, Out = unknown> {
  readonly clock: VirtualClock;
  readonly context: TestContext;
  readonly #outputNames: readonly string[];
  readonly #logic: OperatorLogic;
  readonly #output: HarnessOutput;
  readonly #hasEpochs: boolean;
  readonly #keyOf: OperatorHarnessOptions["keyOf"];
  #lacksCredit = false;
  readonly #waiting: { readonly batch: Batch; from: number }[] = [];

  /** An operator or sink that has opened. Rejects with ERR_RT_OPTION, and with what its `open` throws. */
  static async open<In, Out = unknown>(
    spec: OperatorSpec | SinkSpec<In>,
    options: OperatorHarnessOptions = {},
  ): Promise<OperatorHarness<In, Out>> {
    checkNames("OperatorHarness.open", options, operatorHarnessNames);
    return OperatorHarness.#opened(spec, options);
  }

  /** An operator of your own that has opened: what `stream.process(name, maker, { outputs })` runs in each instance. */
  static async openProcess<In, Out>(
    maker: ProcessMaker<In, Out>,
    options: OperatorHarnessOptions & ProcessOptions = {},
  ): Promise<OperatorHarness<In, Out>> {
    const path = "OperatorHarness.openProcess";
    checkNames(path, options, { ...operatorHarnessNames, outputs: true, keyed: true });
    return OperatorHarness.#opened(process(maker, options), options);
  }

  static async #opened<In, Out>(
    spec: OperatorSpec | SinkSpec<In>,
    options: OperatorHarnessOptions,
  ): Promise<OperatorHarness<In, Out>> {
    const harness = new OperatorHarness<In, Out>(spec, options);
    await harness.#logic.open?.(harness.context);
    if (harness.#hasEpochs) {
      const { entries = [], epoch = 0 } = options.restore ?? {};
      harness.#logic.restore?.(mergedState([encodeDelta("under test", entries)]), epoch);
    }
    harness.#logic.onBegin?.();
    return harness;
  }

  private constructor(spec: OperatorSpec | SinkSpec<In>, options: OperatorHarnessOptions) {
    this.clock = options.clock ?? new VirtualClock();
    this.context = new TestContext({ ...options, clock: this.clock });
    this.#outputNames = "outputs" in spec ? spec.outputs : [];
    const { guarantee = "at-most-once" } = options;
    this.#hasEpochs = guarantee !== "at-most-once";
    this.#keyOf = options.keyOf;
    const logic = spec.create(guarantee);
    this.#logic = options.freeze === false ? logic : frozenLogic(logic, this.context.operator);
    this.#output = new HarnessOutput(this.#outputNames.length);
  }

  /** Offers the events as one batch, on the first input or on that of a number. What is not taken at once waits. */
  feed(events: readonly HarnessEvent<In>[], input = 0): void {
    const batch = batchOf(events, (value) => this.#keyOf?.(value, input));
    this.#waiting.push({ batch: input === 0 ? batch : { ...batch, input }, from: 0 });
    this.#offer();
  }

  /** From now on its outputs lack credit: it is neither offered events nor woken, as its cell takes no turn. */
  lackCredit(): void {
    this.#lacksCredit = true;
  }

  /** Its outputs have credit again: what waits goes on. */
  grantCredit(): void {
    this.#lacksCredit = false;
    this.context.wake();
    this.#wakeUp();
  }

  /** Offers events without times and keys as one batch. */
  feedValues(values: readonly In[]): void {
    this.feed(values.map((value) => ({ value })));
  }

  /** How many events were fed and not taken yet. */
  get waitingCount(): number {
    return this.#waiting.reduce((sum, { batch, from }) => sum + batch.values.length - from, 0);
  }

  /** Whether the operator takes events now. */
  get ready(): boolean {
    return this.#logic.ready?.() ?? true;
  }

  /** Whether the operator has no work in flight. */
  get quiet(): boolean {
    return this.#logic.quiet?.() ?? true;
  }

  get deadLetters(): readonly HarnessDeadLetter[] {
    return this.context.deadLetters;
  }

  /** What the operator reported with `context.fail`. */
  get failures(): readonly unknown[] {
    return this.context.failures;
  }

  /** The results so far, by the name of the output. */
  results(): Record<string, readonly HarnessResult[]> {
    return Object.fromEntries(this.#outputNames.map((name, index) => [name, this.#output.results(index)]));
  }

  /** The values of the results so far on the first output; none of a sink. */
  values(): Out[] {
    const results = this.#outputNames.length === 0 ? [] : this.#output.results(0);
    return results.map((result) => result.value as Out);
  }

  /** Lets promises that are resolved by now take their effect, without any time passing. */
  async step(): Promise<void> {
    for (let round = 0; round < promiseRounds; round += 1) {
      await undefined;
      this.#wakeUp();
    }
  }

  /** Lets virtual time pass; promises take their effect at every timer on the way. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + durationMs;
    await this.step();
    for (;;) {
      const leftMs = endMs - this.clock.monotonicMs();
      const delayMs = this.clock.nextDelayMs() ?? Number.POSITIVE_INFINITY;
      this.clock.advance(Math.min(delayMs, leftMs));
      await this.step();
      if (delayMs > leftMs) return;
    }
  }

  /**
   * Lets work outside the process (files, sockets) go on until `condition` holds, without virtual time passing.
   *
   * Rejects with the first failure of the operator, or with ERR_RT_INVARIANT when it does not wake its cell for ten seconds.
   */
  async until(condition: () => boolean): Promise<void> {
    await this.step();
    while (!condition()) await this.#nextWake();
  }

  /**
   * Lets promises and virtual time go on until all input is taken and no work is in flight. Work outside the process is
   * waited for when no timer is due.
   *
   * Rejects as `until`.
   */
  async settle(): Promise<void> {
    for (;;) {
      await this.step();
      this.context.throwFailure();
      if (this.#waiting.length === 0 && this.quiet) return;
      const delayMs = this.clock.nextDelayMs();
      if (delayMs !== undefined) this.clock.advance(delayMs);
      else await this.#nextWake();
    }
  }

  /**
   * The barrier of an epoch: waits for all input and for work in flight, as a cell does; what changed in the state. Rejects
   * as `settle`.
   */
  async barrier(epoch: number): Promise<readonly StateEntry[]> {
    await this.settle();
    this.#logic.onBarrier?.();
    await this.settle();
    return changedEntries(this.#logic.snapshot?.(epoch) ?? []);
  }

  /** The checkpoint of an epoch is complete. */
  complete(epoch: number): void {
    this.#logic.onComplete?.(epoch);
  }

  /** Encoded rows that it gives with its snapshot, for a table of the job's storage. */
  takeRows(): Uint8Array | undefined {
    return this.#logic.takeRows?.();
  }

  /** The operator is about to be replaced, and gives up what is in flight. */
  abandon(): void {
    this.#logic.abandon?.();
  }

  /** Whether something of a snapshot waits to be made visible. */
  get hasUncommitted(): boolean {
    return this.#logic.hasUncommitted?.() ?? false;
  }

  /** What holds the operator up, as a report would say it. */
  get waitsFor(): string | undefined {
    return this.#logic.waitsFor?.();
  }

  /** Event time has come so far on its input, or there are no events for now. */
  watermark(time: number, isIdle = false): void {
    this.#onWatermark({ time, isIdle });
  }

  /** The input that the operator awaits is over. */
  inputOver(input: number): void {
    this.#tell(() => this.#logic.onInputOver?.(input, this.#output));
  }

  /** How far event time has come for those that take its results, each time it told them. */
  get watermarks(): readonly Watermark[] {
    return this.#output.watermarks;
  }

  /** A message from outside the stream; returns the answer. */
  tell(message: unknown): unknown {
    return this.#output.during(betweenEvents, () => this.#logic.onMessage?.(message, this.#output));
  }

  /**
   * The input ends: work in flight is waited for, last results are given, the operator closes. Rejects as `settle`.
   */
  async end(): Promise<HarnessRun> {
    await this.settle();
    this.#onWatermark(lastWatermark);
    await this.settle();
    this.#tell(() => this.#logic.onEnd?.(this.#output));
    await this.settle();
    await this.close();
    return { results: this.results(), deadLetters: this.deadLetters };
  }

  /** Closes the operator, and lets everything it might have left behind happen. */
  async close(): Promise<void> {
    await this.#logic.close?.();
    this.context.close();
    await this.step();
    for (let delayMs = this.clock.nextDelayMs(); delayMs !== undefined; delayMs = this.clock.nextDelayMs()) {
      this.clock.advance(delayMs);
      await this.step();
    }
  }

  #onWatermark(watermark: Watermark): void {
    this.context.watermarkTime = Math.max(this.context.watermarkTime, watermark.time);
    const output = this.#output;
    this.#tell(() => {
      if (this.#logic.onWatermark !== undefined) return this.#logic.onWatermark(watermark, output);
      output.advance(watermark.time, watermark.isIdle);
    });
  }

  /** Piece by piece. */
  #tell(call: () => Pieces | undefined | void): void {
    this.#output.during(betweenEvents, () => finish(call()));
  }

  #offer(): void {
    if (this.#lacksCredit) return;
    for (let head = this.#waiting[0]; head !== undefined && this.ready; head = this.#waiting[0]) {
      const next = this.#take(head.batch, head.from);
      if (next === head.batch.values.length) this.#waiting.shift();
      else {
        assert(this.#logic.ready !== undefined, "O3: only an operator with `ready` leaves events");
        assert(next > head.from || !this.ready, "O3: an operator that takes none is not ready");
        head.from = next;
      }
    }
  }

  /** Returns the index of the first event not taken. */
  #take(batch: Batch, start: number): number {
    const to = batch.values.length;
    const output = this.#output;
    for (let from = start; ; ) {
      try {
        const taken = output.during({ batch, from, to }, () => this.#logic.onBatch(batch, from, to, output)) ?? to;
        assert(taken === output.next, "O1: begin is called for each event taken");
        return taken;
      } catch (error) {
        if (error instanceof EventMutatedError) throw error;
        // Before the first event it is no failure of an event, but one of the operator: a test has to see it.
        if (output.next === from) throw error;
        output.takeBack();
        this.context.deadLetter(batch.values[output.next - 1], error);
        from = output.next;
        if (!this.ready) return from;
      }
    }
  }

  async #nextWake(): Promise<void> {
    await this.context.wokenUnlessFailed();
    this.context.wake();
    await this.step();
  }

  #wakeUp(): void {
    if (this.#lacksCredit || !this.context.takeWake()) return;
    this.#tell(() => this.#logic.onWake?.(this.#output));
    this.#offer();
  }
}

/** Events with a key or a time have one all. */
function batchOf(events: readonly HarnessEvent[], keyOf: (value: unknown) => Key | undefined): Batch {
  const builder = new BatchBuilder();
  for (const { value, time, key = keyOf(value) } of events) builder.add(value, time, key);
  const batch = builder.take();
  if (events.every(({ folded = 0 }) => folded === 0)) return batch;
  return { ...batch, counts: events.map(({ folded = 0 }) => folded) };
}
