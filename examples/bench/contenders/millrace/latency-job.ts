/** The job of W6: events at a rate, counted per bridge behind a shuffle, on each thread a source and a counter. */

import { defineJob, type OperatorState, type ProcessContext, type ValueState } from "../../../../jobs/index.ts";
import { LatencyHistogram, type RecordedLatencies } from "../../latency-histogram.ts";
import { type PauseWatch, watchPauses } from "../../pauses.ts";
import { threadNowMs } from "../../thread-clock.ts";
import { type PacedCrossing, pacedCrossings } from "./paced-crossings.ts";

export interface LatencyParams {
  readonly ratePerMs: number;
  /** Latencies of events that are due in the first `warmUpMs` are not recorded. */
  readonly warmUpMs: number;
  readonly totalMs: number;
  readonly parallelism: number;
  readonly replayable: boolean;
}

/** What one instance has seen. */
export interface LatencySeen {
  readonly events: number;
  readonly indexSum: number;
  readonly recorded: RecordedLatencies;
  readonly longestPauseMs: number;
}

export const paced = defineJob("paced", import.meta.url, (job, params: LatencyParams) => {
  const { ratePerMs, totalMs, warmUpMs, parallelism, replayable } = params;
  job
    .source("crossings", pacedCrossings(ratePerMs, ratePerMs * totalMs, replayable), { parallelism })
    .keyBy((event) => event.bridge)
    .process("counted", () => new CountedInTime(ratePerMs * warmUpMs), { parallelism })
    .collect("seen");
});

class CountedInTime {
  readonly #warmUpEvents: number;
  readonly #latencies = new LatencyHistogram();
  #pauses: PauseWatch | undefined;
  #counts!: ValueState<number, number>;
  #events = 0;
  #indexSum = 0;

  constructor(warmUpEvents: number) {
    this.#warmUpEvents = warmUpEvents;
  }

  open({ state }: { readonly state: OperatorState }): void {
    this.#counts = state.value("counts", { initial: () => 0 });
  }

  onEvent({ index, dueMs }: PacedCrossing): void {
    this.#counts.set(this.#counts.get() + 1);
    this.#events += 1;
    this.#indexSum += index;
    if (index < this.#warmUpEvents) return;
    this.#pauses ??= watchPauses();
    this.#latencies.record((threadNowMs() - dueMs) * 1_000);
  }

  onEnd(context: ProcessContext<LatencySeen>): void {
    context.emit({
      events: this.#events,
      indexSum: this.#indexSum,
      recorded: this.#latencies.toRecorded(),
      longestPauseMs: this.#pauses?.stop() ?? 0,
    });
  }
}
