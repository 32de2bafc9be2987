/** TestContext: what a source, operator or sink sees when a test drives it without a cell. */

import { type Address, type Clock, type Random, type Services, VirtualClock } from "../../runtime/index.ts";
import type { SourceContext } from "../source.ts";

export interface TestContextOptions {
  readonly instance?: number;
  readonly parallelism?: number;
  readonly incarnation?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface Failure {
  readonly error: unknown;
  /** The event it happened to, when it was one. */
  readonly value?: unknown;
}

export class TestContext implements SourceContext {
  readonly job = "test-job";
  readonly operator = "under-test";
  readonly instance: number;
  readonly parallelism: number;
  readonly incarnation: number;
  readonly address: Address;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger = { log: (): void => {} };
  readonly services: Services = {
    get: () => {
      throw new Error("a test context has no services");
    },
  };
  readonly deadLetters: { readonly value: unknown; readonly error: unknown }[] = [];
  readonly failures: Failure[] = [];
  readonly #abort = new AbortController();
  #isWoken = false;
  #onWoken: (() => void) | undefined;

  constructor(options: TestContextOptions = {}) {
    this.instance = options.instance ?? 0;
    this.parallelism = options.parallelism ?? 1;
    this.incarnation = options.incarnation ?? 0;
    this.address = { path: `millrace://test/test-job/under-test/${this.instance}`, host: 0 };
    this.clock = options.clock ?? new VirtualClock();
    this.random = options.random ?? { next: () => 0.5, id: () => "id" };
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort.abort();
  }

  wake(): void {
    this.#isWoken = true;
    this.#onWoken?.();
  }

  deadLetter(value: unknown, error: unknown): void {
    this.deadLetters.push({ value, error });
  }

  fail(error: unknown): void {
    this.failures.push({ error });
    this.wake();
  }

  failEvent(value: unknown, error: unknown): void {
    this.failures.push({ error, value });
    this.wake();
  }

  /** Whether `wake` was called since the last time this was asked or awaited. */
  takeWake(): boolean {
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    return isWoken;
  }

  /** Resolves when `wake` is called, or at once if it was since the last time. */
  async woken(): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#onWoken = resolve;
      });
      this.#onWoken = undefined;
    }
    this.#isWoken = false;
  }
}
