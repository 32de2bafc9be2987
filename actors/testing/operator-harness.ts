/**
 * OperatorHarness: runs one operator the way a stream cell does, with virtual time, and holds it to the seam's protocol.
 * A failing event is resumed: its results are taken back, it becomes a dead letter, and the operator is asked again from
 * the event behind it.
 *
 * Checked in every run
 *  O1  `begin` is called for each event taken, in order, within the range asked for.
 *  O2  results come only while the operator is called, on outputs that it declared.
 *  O3  only an operator with `ready` leaves events, and then it is not ready; once it is ready again it wakes its cell.
 *  O4  nothing happens after `close`.
 */

import { assert, type Random, StderrLogger, VirtualClock } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { OperatorContext, OperatorLogic, OperatorSpec } from "../operator.ts";
import { betweenEvents, HarnessOutput, type HarnessResult } from "./harness-output.ts";

export interface HarnessEvent {
  readonly value: unknown;
  readonly time?: number;
  readonly key?: Key;
}

export interface HarnessDeadLetter {
  readonly value: unknown;
  readonly error: unknown;
}

/** Everything that a run brought forth, to be compared with another run. */
export interface HarnessRun {
  readonly results: Readonly<Record<string, readonly HarnessResult[]>>;
  readonly deadLetters: readonly HarnessDeadLetter[];
}

/** Rounds of promises within which an operator must have reacted to what is resolved. */
const promiseRounds = 50;

export class OperatorHarness {
  readonly clock = new VirtualClock(1_000_000);
  readonly deadLetters: HarnessDeadLetter[] = [];
  readonly context: OperatorContext;
  readonly #spec: OperatorSpec;
  readonly #logic: OperatorLogic;
  readonly #output: HarnessOutput;
  readonly #waiting: { readonly batch: Batch; from: number }[] = [];
  #woken = false;
  #closed = false;

  /** An operator that has opened. */
  static async open(spec: OperatorSpec, random: Random = halfRandom): Promise<OperatorHarness> {
    const harness = new OperatorHarness(spec, random);
    await harness.#logic.open?.(harness.context);
    return harness;
  }

  private constructor(spec: OperatorSpec, random: Random) {
    this.context = this.#makeContext(random);
    this.#spec = spec;
    this.#logic = spec.create();
    this.#output = new HarnessOutput(spec.outputs.length);
  }

  /** Offers the events as one batch. What is not taken at once waits. */
  feed(events: readonly HarnessEvent[]): void {
    this.#waiting.push({ batch: batchOf(events), from: 0 });
    this.#offer();
  }

  /** How many events were fed and not taken yet. */
  get waitingCount(): number {
    return this.#waiting.reduce((sum, { batch, from }) => sum + batch.values.length - from, 0);
  }

  get ready(): boolean {
    return this.#logic.ready?.() ?? true;
  }

  get quiet(): boolean {
    return this.#logic.quiet?.() ?? true;
  }

  /** Lets promises that are resolved by now take their effect, without any time passing. */
  async step(): Promise<void> {
    for (let round = 0; round < promiseRounds; round += 1) {
      await undefined;
      if (this.#woken) this.#wakeUp();
    }
  }

  /** Lets time pass; promises take their effect at every timer on the way. */
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

  /** Lets promises and time go on until all input is taken and no work is in flight. */
  async settle(): Promise<void> {
    for (;;) {
      await this.step();
      if (this.#waiting.length === 0 && this.quiet) return;
      const delayMs = this.clock.nextDelayMs();
      assert(delayMs !== undefined, "O3: an operator that is not ready or not quiet wakes its cell later");
      this.clock.advance(delayMs);
    }
  }

  /** A message from outside the stream; returns the answer. */
  tell(message: unknown): unknown {
    return this.#output.during(betweenEvents, () => this.#logic.onMessage?.(message, this.#output));
  }

  /** The input ends: work in flight is waited for, last results are given, the operator closes. */
  async end(): Promise<HarnessRun> {
    await this.settle();
    this.#output.during(betweenEvents, () => this.#logic.onEnd?.(this.#output));
    await this.close();
    return { results: this.results(), deadLetters: this.deadLetters };
  }

  /** Closes the operator, and lets everything it might have left behind happen. */
  async close(): Promise<void> {
    await this.#logic.close?.();
    this.#woken = false;
    this.#closed = true;
    await this.step();
    for (let delayMs = this.clock.nextDelayMs(); delayMs !== undefined; delayMs = this.clock.nextDelayMs()) {
      this.clock.advance(delayMs);
      await this.step();
    }
  }

  /** The results so far, by the name of the output. */
  results(): Record<string, readonly HarnessResult[]> {
    return Object.fromEntries(this.#spec.outputs.map((name, index) => [name, this.#output.results(index)]));
  }

  /** The values of the results so far on the first output. */
  values(): unknown[] {
    return this.#output.results(0).map((result) => result.value);
  }

  #offer(): void {
    for (let head = this.#waiting[0]; head !== undefined && this.ready; head = this.#waiting[0]) {
      head.from = this.#take(head.batch, head.from);
      if (head.from === head.batch.values.length) this.#waiting.shift();
      else
        assert(this.#logic.ready !== undefined && !this.ready, "O3: only an operator that is not ready leaves events");
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
        // Before the first event it is no failure of an event, but one of the operator: a test has to see it.
        if (output.next === from) throw error;
        output.takeBack();
        this.deadLetters.push({ value: batch.values[output.next - 1], error });
        from = output.next;
        if (!this.ready) return from;
      }
    }
  }

  #wakeUp(): void {
    this.#woken = false;
    this.#output.during(betweenEvents, () => this.#logic.onWake?.(this.#output));
    this.#offer();
  }

  #makeContext(random: Random): OperatorContext {
    const giveUp = (value: unknown, error: unknown) => {
      assert(!this.#closed, "O4: nothing happens after close");
      this.deadLetters.push({ value, error });
    };
    return {
      job: "job",
      operator: "operator",
      instance: 0,
      parallelism: 1,
      address: { path: "millrace://test/job/operator/0", host: 0 },
      incarnation: 0,
      clock: this.clock,
      random,
      logger: new StderrLogger("error"),
      services: {
        get(token) {
          throw new Error(`the harness has no service ${token.name}`);
        },
      },
      wake: () => {
        assert(!this.#closed, "O4: nothing happens after close");
        this.#woken = true;
      },
      deadLetter: giveUp,
      failEvent: giveUp,
      fail(error) {
        throw error;
      },
    };
  }
}

/** Runs the events through a fresh instance, in batches of the given sizes (the last one again and again). */
export async function runInCuts(
  spec: OperatorSpec,
  events: readonly HarnessEvent[],
  sizes: readonly [number, ...number[]],
): Promise<HarnessRun> {
  const harness = await OperatorHarness.open(spec);
  for (let from = 0, cut = 0; from < events.length; cut += 1) {
    const size = sizes[Math.min(cut, sizes.length - 1)]!;
    harness.feed(events.slice(from, from + size));
    from += size;
  }
  return harness.end();
}

/** Events with a key or a time have one all. */
function batchOf(events: readonly HarnessEvent[]): Batch {
  const builder = new BatchBuilder();
  for (const { value, time, key } of events) builder.add(value, time, key);
  return builder.take();
}

const halfRandom: Random = { next: () => 0.5, id: () => "id" };
