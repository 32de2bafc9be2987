/**
 * TestContext: what a source, operator or sink sees when a harness runs it without a cell. Keeps what it is told.
 *
 * Failures are resumed, as by a supervisor that drops the event: `failEvent` makes a dead letter. What is reported with
 * `fail` is a failure of the whole instance and is kept in `failures`.
 */

import {
  type Address,
  assert,
  type Clock,
  type Logger,
  type OptionNames,
  type Random,
  type ServiceBinding,
  ServiceContainer,
  type ServiceRegistration,
  type Services,
  StderrLogger,
  SystemClock,
  VirtualClock,
} from "../../runtime/index.ts";
import type { OperatorContext } from "../operator.ts";
import type { SourceContext } from "../source.ts";
import { firstWatermark } from "../time/watermark.ts";

export interface TestContextOptions<C extends Clock = Clock> {
  /** Its name. Default `"under-test"`. */
  readonly operator?: string;
  /** Default 0. */
  readonly instance?: number;
  /** Default 1. */
  readonly parallelism?: number;
  /** Default 0, the first start. */
  readonly incarnation?: number;
  /** Default: a virtual clock of the harness's own. */
  readonly clock?: C;
  /** Default: the middle of every range, the same id every time. */
  readonly random?: Random;
  /** Default: errors to standard error. */
  readonly logger?: Logger;
  /** What `context.services` holds. Default: nothing. */
  readonly services?: readonly (ServiceBinding | ServiceRegistration)[];
  /** The directory of the job's storage. Default: none. */
  readonly storage?: string;
}

export const testContextNames: OptionNames<TestContextOptions> = {
  operator: true,
  instance: true,
  parallelism: true,
  incarnation: true,
  clock: true,
  random: true,
  logger: true,
  services: true,
  storage: true,
};

export interface HarnessDeadLetter {
  readonly value: unknown;
  readonly error: unknown;
}

/** Real time that a wake may take, in ms. */
const wakeLimitMs = 10_000;

export class TestContext implements SourceContext, OperatorContext {
  readonly job = "test-job";
  readonly operator: string;
  readonly instance: number;
  readonly parallelism: number;
  readonly incarnation: number;
  readonly address: Address;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly services: Services;
  readonly storage: string | undefined;
  readonly deadLetters: HarnessDeadLetter[] = [];
  /** What was reported with `fail`. */
  readonly failures: unknown[] = [];
  /** How far event time has come on the input. */
  watermarkTime = firstWatermark.time;
  /** How long no events could be given to it. */
  standstillMs = 0;
  readonly #abort = new AbortController();
  #isClosed = false;
  #isWoken = false;
  #onWoken: (() => void) | undefined;

  constructor(options: TestContextOptions = {}) {
    this.operator = options.operator ?? "under-test";
    this.instance = options.instance ?? 0;
    this.parallelism = options.parallelism ?? 1;
    this.incarnation = options.incarnation ?? 0;
    this.address = { path: `millrace://test/${this.job}/${this.operator}/${this.instance}`, host: 0 };
    this.clock = options.clock ?? new VirtualClock();
    this.random = options.random ?? { next: () => 0.5, id: () => "id" };
    this.logger = options.logger ?? new StderrLogger("error");
    this.storage = options.storage;
    this.services = new ServiceContainer(options.services ?? []).actorScope();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort.abort();
  }

  /** From now on nothing may be reported any more. */
  close(): void {
    this.#isClosed = true;
    this.#isWoken = false;
  }

  wake(): void {
    this.#checkOpen("wake");
    this.#isWoken = true;
    this.#onWoken?.();
  }

  readingMs(): number {
    return this.clock.monotonicMs() - this.standstillMs;
  }

  watermark(): number {
    return this.watermarkTime;
  }

  deadLetter(value: unknown, error: unknown): void {
    this.#checkOpen("deadLetter");
    this.deadLetters.push({ value, error });
  }

  fail(error: unknown): void {
    this.#checkOpen("fail");
    this.failures.push(error);
    this.wake();
  }

  failEvent(value: unknown, error: unknown): void {
    this.deadLetter(value, error);
    this.wake();
  }

  /** Whether `wake` was called since the last time this was asked or awaited. */
  takeWake(): boolean {
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    return isWoken;
  }

  /**
   * Resolves when `wake` is called, or at once if it was since the last time; no virtual time passes. Rejects with
   * ERR_RT_INVARIANT when that takes longer than ten seconds of real time.
   */
  async woken(): Promise<void> {
    if (!this.#isWoken) await this.#nextWake();
    this.#isWoken = false;
  }

  /** As `woken`, but rejects with the first failure when there is one: then nothing is to be waited for any more. */
  async wokenUnlessFailed(): Promise<void> {
    this.throwFailure();
    await this.woken();
  }

  /** Throws the first failure when there is one. */
  throwFailure(): void {
    if (this.failures.length > 0) throw this.failures[0];
  }

  async #nextWake(): Promise<void> {
    const isInTime = await new Promise<boolean>((resolve) => {
      const cancelLimit = new SystemClock().after(wakeLimitMs, () => resolve(false));
      this.#onWoken = () => {
        cancelLimit();
        resolve(true);
      };
    });
    this.#onWoken = undefined;
    assert(isInTime, `who waits for input, or for work in flight, wakes its cell within ${wakeLimitMs} ms`);
  }

  #checkOpen(what: string): void {
    assert(!this.#isClosed, `nothing happens after close, but ${what} was called`);
  }
}
