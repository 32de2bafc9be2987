/**
 * The job whose threads are ended: a source at a rate, and one instance that counts per key, keeps the counts as state, and
 * shows every hundredth event. Told to, it takes its thread with it.
 */

import {
  defineJob,
  generate,
  type OperatorState,
  type ProcessContext,
  type ValueState,
} from "../../../../../jobs/index.ts";

export interface RecoveringParams {
  readonly keys: number;
}

/** Of one key: the first one, so that its counts are told at a steady pace. */
export interface Shown {
  readonly index: number;
  readonly count: number;
}

export const eventsPerSecond = 25_000;
/** The index of one event in so many is shown, with how often its key was counted. */
export const shownEvery = 100;

export const recovering = defineJob("recovering", import.meta.url, (job, { keys }: RecoveringParams) => {
  job.supervision({ restarts: { max: 1_000 }, backoff: { min: 0, max: 0 } });
  job
    .source("numbers", generate({ rate: eventsPerSecond }))
    .keyBy((index) => index % keys)
    .process("count", () => new MortalCounter())
    .output("shown");
});

export class CountingShown {
  #counts!: ValueState<number, number>;

  open({ state }: { readonly state: OperatorState }): void {
    this.#counts = state.value("counts", { initial: () => 0 });
  }

  onEvent(index: number, context: ProcessContext<Shown>): void {
    const count = this.#counts.get() + 1;
    this.#counts.set(count);
    if (index % shownEvery === 0) context.emit({ index, count });
  }
}

class MortalCounter extends CountingShown {
  onMessage(): never {
    process.exit(1);
  }
}
