/**
 * SinkProbe: what a test asks of a sink of a controlled simulation. Virtual time passes while it waits for an event; events are
 * asked for one after the other, in the order in which the job shows them.
 */

import { checkNames, type Duration, durationMs, printValue, wholeNumber } from "../../runtime/index.ts";
import type { TestSink } from "../simulation/test-sink.ts";
import { ProbeError } from "./probe-error.ts";

export interface WaitOptions {
  /** Virtual time after which it is given up. Default "1m". */
  readonly within?: Duration;
}

/** What `options` of `path` say, in ms; `byDefault` where they do not. Throws ERR_RT_OPTION. */
export function withinMsOf(path: string, options: WaitOptions, byDefault: Duration = "1m"): number {
  checkNames(path, options, { within: true });
  return durationMs(options.within ?? byDefault, "within");
}

/** Lets the simulation go on until the condition holds; false when it does not within that time. */
export type GoOnUntil = (condition: () => boolean, withinMs: number) => Promise<boolean>;

export class SinkProbe<T = unknown> {
  readonly #name: string;
  readonly #sink: TestSink<T>;
  readonly #goOnUntil: GoOnUntil;
  /** Events that were asked for. */
  #seenCount = 0;

  /** @internal Probes come from a controlled simulation. */
  constructor(name: string, sink: TestSink<T>, goOnUntil: GoOnUntil) {
    this.#name = name;
    this.#sink = sink;
    this.#goOnUntil = goOnUntil;
  }

  /** All that the job has shown so far, asked for or not. */
  get received(): readonly T[] {
    return this.#sink.received;
  }

  /** How many events it has taken, shown or not; those that came again are counted again. */
  get takenCount(): number {
    return this.#sink.takenCount;
  }

  /** The next event. Rejects with ERR_JOB_PROBE when none comes in time, or the job has failed. */
  async expectEvent(options: WaitOptions = {}): Promise<T> {
    const [event] = await this.expectEvents(1, options);
    return event as T;
  }

  /** The next events. Rejects with ERR_JOB_PROBE when fewer come in time, or the job has failed; they can be asked for again. */
  async expectEvents(count: number, options: WaitOptions = {}): Promise<readonly T[]> {
    const end = this.#seenCount + wholeNumber("count", count, 1, Number.MAX_SAFE_INTEGER);
    const withinMs = withinMsOf("expectEvents", options);
    if (!(await this.#goOnUntil(() => this.received.length >= end, withinMs))) {
      const found = this.received.slice(this.#seenCount);
      throw new ProbeError(
        `sink ${JSON.stringify(this.#name)}: expected ${count} more events within ${withinMs} ms of virtual time, ` +
          `got ${found.length === 0 ? "none" : `${found.length}, the last ${printValue(found.at(-1))}`}`,
        { details: { sink: this.#name, expected: count, got: found.length } },
      );
    }
    const events = this.received.slice(this.#seenCount, end);
    this.#seenCount = end;
    return events;
  }

  /** Lets that much virtual time pass. Rejects with ERR_JOB_PROBE when an event comes, or there is one not asked for yet. */
  async expectNoEvent(within: Duration): Promise<void> {
    const withinMs = durationMs(within, "within");
    if (!(await this.#goOnUntil(() => this.received.length > this.#seenCount, withinMs))) return;
    throw new ProbeError(
      `sink ${JSON.stringify(this.#name)}: expected no event within ${withinMs} ms of virtual time, ` +
        `got ${printValue(this.received[this.#seenCount])}`,
      { details: { sink: this.#name } },
    );
  }

  /** Takes nothing more, until `request` or `release`: what comes waits, back to the sources. */
  hold(): void {
    this.#sink.hold();
  }

  /**
   * Takes so many events more, and holds then. With checkpoints, they are shown when all that comes before the next barrier
   * has been taken as well. Throws ERR_RT_OPTION.
   */
  request(eventCount: number): void {
    this.#sink.request(eventCount);
  }

  /** Takes whatever comes, as in the beginning. */
  release(): void {
    this.#sink.release();
  }
}
