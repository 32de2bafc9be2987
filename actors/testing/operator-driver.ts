/** OperatorDriver: does to one instance of an operator or sink what its cell would do, and keeps what comes out. */

import type { Batch } from "../batch.ts";
import type { OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import type { SinkSpec } from "../sink.ts";
import { TestContext, type TestContextOptions } from "./test-context.ts";

export class OperatorDriver {
  readonly logic: OperatorLogic;
  readonly context: TestContext;
  readonly results: unknown[] = [];
  readonly #pending: Batch[] = [];
  #pendingFrom = 0;
  readonly #output: Output = {
    begin: () => {},
    emit: (value) => this.results.push(value),
    emitTo: (_outputIndex, value) => this.results.push(value),
  };

  private constructor(logic: OperatorLogic, context: TestContext) {
    this.logic = logic;
    this.context = context;
  }

  static async open(
    spec: Pick<OperatorSpec | SinkSpec<never>, "create">,
    options: TestContextOptions = {},
  ): Promise<OperatorDriver> {
    const driver = new OperatorDriver(spec.create(), new TestContext(options));
    await driver.logic.open?.(driver.context);
    return driver;
  }

  /** Events that were given and not taken yet. */
  get waitingCount(): number {
    return this.#pending.reduce((sum, batch) => sum + batch.values.length, 0) - this.#pendingFrom;
  }

  /** Gives a batch; as much of it as the logic is ready for is handled at once. */
  give(values: readonly unknown[]): void {
    this.#pending.push({ values, times: undefined, keys: undefined });
    this.step();
  }

  /** Hands out results if woken, and gives the logic what it is ready for. Events it throws on are skipped, as by resume. */
  step(): void {
    if (this.context.takeWake()) this.logic.onWake?.(this.#output);
    while (this.#pending.length > 0 && (this.logic.ready?.() ?? true)) {
      const batch = this.#pending[0]!;
      const next =
        this.logic.onBatch(batch, this.#pendingFrom, batch.values.length, this.#output) ?? batch.values.length;
      const isStuck = next === this.#pendingFrom;
      this.#pendingFrom = next;
      if (next === batch.values.length) {
        this.#pending.shift();
        this.#pendingFrom = 0;
      } else if (isStuck) return;
    }
  }

  /** Steps until everything given was taken and nothing is in flight; then ends the input. */
  async toEnd(): Promise<void> {
    await this.until(() => this.#pending.length === 0 && (this.logic.quiet?.() ?? true));
    this.logic.onEnd?.(this.#output);
    await this.until(() => this.logic.quiet?.() ?? true);
  }

  /** Steps until `condition` holds, waiting for wakes. */
  async until(condition: () => boolean): Promise<void> {
    this.step();
    while (!condition()) {
      await this.context.woken();
      this.context.wake();
      this.step();
    }
  }

  async close(): Promise<void> {
    this.context.abort();
    await this.logic.close?.();
  }
}
