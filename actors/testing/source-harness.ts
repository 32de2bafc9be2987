/** SourceDriver: does to one instance of a source what its cell would do, and keeps what comes out. */

import type { PollResult, Position, SourceReader, SourceSpec } from "../source.ts";
import { TestContext, type TestContextOptions } from "./test-context.ts";

/** How many events a poll may emit unless told otherwise: a batch. */
const batchEvents = 1_024;

export class SourceDriver<T> {
  readonly reader: SourceReader<T>;
  readonly context: TestContext;
  readonly events: T[] = [];
  readonly times: (number | undefined)[] = [];
  readonly #output = {
    emit: (value: T, time?: number): void => {
      this.events.push(value);
      this.times.push(time);
    },
  };

  private constructor(reader: SourceReader<T>, context: TestContext) {
    this.reader = reader;
    this.context = context;
  }

  static async open<T>(
    spec: SourceSpec<T>,
    options: TestContextOptions & { readonly position?: Position } = {},
  ): Promise<SourceDriver<T>> {
    const driver = new SourceDriver(spec.create(), new TestContext(options));
    try {
      await driver.reader.open(driver.context, options.position);
    } catch (error) {
      await driver.close();
      throw error;
    }
    return driver;
  }

  /** Opens, reads to the end, closes. */
  static async readAll<T>(
    spec: SourceSpec<T>,
    options: TestContextOptions & { readonly position?: Position; readonly eventCountMax?: number } = {},
  ): Promise<SourceDriver<T>> {
    const driver = await SourceDriver.open(spec, options);
    try {
      await driver.toEnd(options.eventCountMax);
    } finally {
      await driver.close();
    }
    return driver;
  }

  poll(eventCountMax: number = batchEvents): PollResult {
    const before = this.events.length;
    const result = this.reader.poll(this.#output, eventCountMax);
    const emitted = this.events.length - before;
    if (emitted > eventCountMax) throw new Error(`a poll for ${eventCountMax} events emitted ${emitted}`);
    return result;
  }

  /** Polls, waiting for a wake where the source asks for it, until it ends. */
  async toEnd(eventCountMax: number = batchEvents): Promise<void> {
    for (let result = this.poll(eventCountMax); result !== "end"; result = this.poll(eventCountMax)) {
      if (result === "waiting") await this.#woken();
    }
  }

  /** Polls until at least `eventCount` events have come, or the end. */
  async toCount(eventCount: number, eventCountMax: number = batchEvents): Promise<void> {
    while (this.events.length < eventCount) {
      const result = this.poll(Math.min(eventCountMax, eventCount - this.events.length));
      if (result === "end") return;
      if (result === "waiting" && this.events.length < eventCount) await this.#woken();
    }
  }

  /** Polls until `condition` holds, waiting for wakes. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.poll() === "waiting" && !condition()) await this.context.woken();
    }
  }

  async close(): Promise<void> {
    this.context.abort();
    await this.reader.close?.();
  }

  async #woken(): Promise<void> {
    await this.context.woken();
    const failure = this.context.failures[0];
    if (failure !== undefined) throw failure.error;
  }
}
