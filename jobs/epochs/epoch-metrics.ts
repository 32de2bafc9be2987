/** EpochMetrics: the epochs of a run as metrics, labelled with its job. */

import type { Metrics } from "../../runtime/index.ts";
import type { EpochFigures } from "./epoch-statistics.ts";

export class EpochMetrics {
  readonly #metrics: Metrics;
  readonly #labels: { readonly job: string };

  constructor(metrics: Metrics, job: string) {
    this.#metrics = metrics;
    this.#labels = { job };
  }

  completed({ durationMs, alignmentMs, writeMs, stateBytes }: EpochFigures): void {
    this.#metrics.counter("epochs-completed", this.#labels).add(1);
    this.#metrics.gauge("epoch-duration-ms", this.#labels).set(durationMs);
    this.#metrics.gauge("epoch-alignment-ms", this.#labels).set(alignmentMs);
    this.#metrics.gauge("epoch-write-ms", this.#labels).set(writeMs);
    this.#metrics.gauge("epoch-state-bytes", this.#labels).set(stateBytes);
  }

  givenUp(): void {
    this.#metrics.counter("epochs-given-up", this.#labels).add(1);
  }

  retained(bytes: number): void {
    this.#metrics.gauge("retained-bytes", this.#labels).set(bytes);
  }

  paused(): void {
    this.#metrics.counter("source-pauses", this.#labels).add(1);
  }
}
