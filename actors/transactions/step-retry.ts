/** StepRetry: the step of a transactional sink that failed and is tried again after a while, for ever. */

import { type CancelTimer, toWire } from "../../runtime/index.ts";
import { backoffDelayMs } from "../backoff.ts";
import { commitBackoffMs, commitBackoffMsMax } from "../limits.ts";
import type { OperatorContext } from "../operator.ts";
import { stepText, type WorkStep } from "./transaction-step.ts";

interface FailedStep {
  readonly step: WorkStep;
  readonly failureCount: number;
  readonly reason: string;
  /** Undefined while it is tried. */
  readonly cancelTimer: CancelTimer | undefined;
}

export class StepRetry {
  readonly #context: OperatorContext;
  readonly #onDue: () => void;
  #failed: FailedStep | undefined;

  /** @param onDue called when the step is to be tried again */
  constructor(context: OperatorContext, onDue: () => void) {
    this.#context = context;
    this.#onDue = onDue;
  }

  /** Whether the step is not to be tried yet. */
  get isWaiting(): boolean {
    return this.#failed?.cancelTimer !== undefined;
  }

  /** What is tried, and why again; undefined when nothing has failed. */
  get text(): string | undefined {
    if (this.#failed === undefined) return undefined;
    const { step, failureCount, reason } = this.#failed;
    return `${stepText(step)}, which failed ${failureCount === 1 ? "once" : `${failureCount} times`}: ${reason}`;
  }

  failed(step: WorkStep, error: unknown): void {
    const { clock, random, logger, address } = this.#context;
    const failureCount = (this.#failed?.failureCount ?? 0) + 1;
    const delayMs = backoffDelayMs(commitBackoff, failureCount, random.next());
    const cancelTimer = clock.after(delayMs, () => {
      if (this.#failed !== undefined) this.#failed = { ...this.#failed, cancelTimer: undefined };
      this.#onDue();
    });
    this.#failed = { step, failureCount, reason: toWire(error).message, cancelTimer };
    logger.log("warn", `${address.path} waits for ${this.text}; it is tried again in ${Math.round(delayMs)} ms`);
  }

  succeeded(): void {
    this.#failed = undefined;
  }

  close(): void {
    this.#failed?.cancelTimer?.();
  }
}

const commitBackoff = { delayMs: commitBackoffMs, delayMsMax: commitBackoffMsMax };
