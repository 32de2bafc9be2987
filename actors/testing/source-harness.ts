/**
 * SourceHarness: runs one instance of a source the way its cell does, and keeps what comes out.
 *
 * Checked in every run
 *  S1  a poll emits at most as many events as it was asked for.
 *  S2  a source that is waiting wakes its cell.
 *  S3  nothing happens after `close`.
 */

import { assert, checkNames, type OptionNames } from "../../runtime/index.ts";
import type { PollResult, Position, SourceProgress, SourceReader, SourceSpec } from "../source.ts";
import { outputTo } from "../sources/output-to.ts";
import { type HarnessDeadLetter, TestContext, type TestContextOptions, testContextNames } from "./test-context.ts";

/** How many events a poll may emit unless told otherwise: a batch. */
const batchEvents = 1_024;

export interface SourceHarnessOptions extends TestContextOptions {
  /** Where it starts, as `position()` returned it; at the start of its input when left out. */
  readonly position?: Position;
}

const sourceHarnessNames: OptionNames<SourceHarnessOptions> = { ...testContextNames, position: true };

export class SourceHarness<T> {
  readonly context: TestContext;
  /** The values of all events so far. */
  readonly events: T[] = [];
  /** Their event times, in ms since the epoch. */
  readonly times: (number | undefined)[] = [];
  readonly #reader: SourceReader<T>;
  readonly #output = outputTo<T>((value, time) => {
    this.events.push(value);
    this.times.push(time);
  });

  private constructor(reader: SourceReader<T>, context: TestContext) {
    this.#reader = reader;
    this.context = context;
  }

  /** A source that has opened, at `position` when there is one. Rejects with ERR_RT_OPTION, and with what its `open` throws. */
  static async open<T>(spec: SourceSpec<T>, options: SourceHarnessOptions = {}): Promise<SourceHarness<T>> {
    checkNames("SourceHarness.open", options, sourceHarnessNames);
    const harness = new SourceHarness(spec.create(), new TestContext(options));
    try {
      await harness.#reader.open(harness.context, options.position);
    } catch (error) {
      await harness.close();
      throw error;
    }
    return harness;
  }

  /** Opens, reads to the end, closes. Rejects as `toEnd`. */
  static async readAll<T>(
    spec: SourceSpec<T>,
    options: SourceHarnessOptions & { readonly eventCountMax?: number } = {},
  ): Promise<SourceHarness<T>> {
    const { eventCountMax, ...opening } = options;
    const harness = await SourceHarness.open(spec, opening);
    try {
      await harness.toEnd(eventCountMax);
    } finally {
      await harness.close();
    }
    return harness;
  }

  get deadLetters(): readonly HarnessDeadLetter[] {
    return this.context.deadLetters;
  }

  /** Polls once, for at most `eventCountMax` events, and asks for the position. Throws what the source throws. */
  poll(eventCountMax: number = batchEvents): PollResult {
    const before = this.events.length;
    const result = this.#reader.poll(this.#output, eventCountMax);
    this.#reader.position?.();
    const emitted = this.events.length - before;
    assert(emitted <= eventCountMax, "S1: a poll emits at most as many events as it was asked for");
    return result;
  }

  /**
   * Polls, waiting for a wake where the source asks for it, until it ends.
   *
   * Rejects with what a poll throws, with the first failure the source reports, or with ERR_RT_INVARIANT when it does not
   * wake its cell for ten seconds of real time.
   */
  async toEnd(eventCountMax: number = batchEvents): Promise<void> {
    for (let result = this.poll(eventCountMax); result !== "end"; result = this.poll(eventCountMax)) {
      if (result === "waiting") await this.context.wokenUnlessFailed();
    }
  }

  /** Polls until at least `eventCount` events have come, or the end. Rejects as `toEnd`. */
  async toCount(eventCount: number, eventCountMax: number = batchEvents): Promise<void> {
    while (this.events.length < eventCount) {
      const result = this.poll(Math.min(eventCountMax, eventCount - this.events.length));
      if (result === "end") return;
      if (result === "waiting" && this.events.length < eventCount) await this.context.wokenUnlessFailed();
    }
  }

  /** Polls until `condition` holds. Rejects as `toEnd`. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.poll() === "waiting" && !condition()) await this.context.wokenUnlessFailed();
    }
  }

  /** Where the source stands, as the next incarnation would be given it; undefined for one that is not replayable. */
  position(): Position | undefined {
    return structuredClone(this.#reader.position?.());
  }

  /** How much of a bounded input was read; undefined for a source that does not say. */
  progress(): SourceProgress | undefined {
    return this.#reader.progress?.();
  }

  /** Stops the source, as a restart does. */
  async close(): Promise<void> {
    this.context.abort();
    await this.#reader.close?.();
    this.context.close();
  }
}
