/**
 * Alarm: wakes an operator when something of it is due by the clock.
 *
 * One that is set for earlier stays: an operator that is woken with nothing to do costs less than a timer that is put off with
 * each batch.
 */

import type { CancelTimer } from "../../runtime/index.ts";
import type { OperatorContext } from "../operator.ts";

export class Alarm {
  readonly #context: Pick<OperatorContext, "clock" | "wake">;
  #time = Number.POSITIVE_INFINITY;
  #cancel: CancelTimer | undefined;

  constructor(context: Pick<OperatorContext, "clock" | "wake">) {
    this.#context = context;
  }

  /** Wakes the operator at `time` at the latest, in ms since the epoch; Infinity for not at all. */
  set(time: number): void {
    if (time === Number.POSITIVE_INFINITY) return this.cancel();
    if (this.#time <= time) return;
    this.cancel();
    const { clock } = this.#context;
    this.#time = time;
    this.#cancel = clock.after(Math.max(0, time - clock.wallMs()), () => {
      this.#cancel = undefined;
      this.#time = Number.POSITIVE_INFINITY;
      this.#context.wake();
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#time = Number.POSITIVE_INFINITY;
  }
}
