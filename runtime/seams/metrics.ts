/**
 * Seam: metrics, as counters and gauges by name and labels. Whoever counts asks for its counter once and keeps it: adding
 * is one addition, no look-up. The registry lists all values as plain data, for whoever shows or exports them.
 *
 * Invariant
 *  I1  one name and one set of labels are one series: asking twice gives the same object.
 */

import { OptionError } from "../errors/option-error.ts";
import { metricSeriesMax } from "../limits.ts";

/** Only grows. */
export interface Counter {
  readonly value: number;
  add(count: number): void;
}

/** Goes up and down. */
export interface Gauge {
  readonly value: number;
  set(value: number): void;
}

export type MetricLabels = Readonly<Record<string, string>>;

/** One series at one moment; plain data. */
export interface MetricSample {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly labels: MetricLabels;
  readonly value: number;
}

export interface Metrics {
  /** Throws ERR_RT_OPTION when the series is a gauge. */
  counter(name: string, labels?: MetricLabels): Counter;
  /** Throws ERR_RT_OPTION when the series is a counter. */
  gauge(name: string, labels?: MetricLabels): Gauge;
  /** All series and their values now, in the order they were first asked for. */
  samples(): MetricSample[];
  /** Forgets every series that has all of these labels: what they were about is no more. */
  forget(labels: MetricLabels): void;
}

export class MetricRegistry implements Metrics {
  readonly #series = new Map<string, CounterSeries | GaugeSeries>();
  /** Takes what is counted under series beyond the limit, so that it is not lost without a trace. */
  readonly #overflowCounter = new CounterSeries("metrics-beyond-limit", {});
  readonly #overflowGauge = new GaugeSeries("metrics-beyond-limit", {});

  counter(name: string, labels: MetricLabels = {}): Counter {
    return this.#find(name, labels, CounterSeries, this.#overflowCounter);
  }

  gauge(name: string, labels: MetricLabels = {}): Gauge {
    return this.#find(name, labels, GaugeSeries, this.#overflowGauge);
  }

  samples(): MetricSample[] {
    const all = [...this.#series.values()];
    if (this.#overflowCounter.value > 0) all.push(this.#overflowCounter);
    return all.map(({ name, kind, labels, value }) => ({ name, kind, labels, value }));
  }

  forget(labels: MetricLabels): void {
    const wanted = Object.entries(labels);
    for (const [key, series] of this.#series) {
      if (wanted.every(([label, value]) => series.labels[label] === value)) this.#series.delete(key);
    }
  }

  #find<S extends CounterSeries | GaugeSeries>(
    name: string,
    labels: MetricLabels,
    Series: new (name: string, labels: MetricLabels) => S,
    overflow: S,
  ): S {
    const key = seriesKey(name, labels);
    const found = this.#series.get(key);
    if (found instanceof Series) return found;
    if (found !== undefined) {
      throw new OptionError(`metric ${key}`, overflow.kind, `a ${found.kind}, as it was asked for before`);
    }
    if (this.#series.size >= metricSeriesMax) return overflow;
    const made = new Series(name, labels);
    this.#series.set(key, made);
    return made;
  }
}

class CounterSeries implements Counter {
  readonly kind = "counter";
  readonly name: string;
  readonly labels: MetricLabels;
  value = 0;

  constructor(name: string, labels: MetricLabels) {
    this.name = name;
    this.labels = { ...labels };
  }

  add(count: number): void {
    this.value += count;
  }
}

class GaugeSeries implements Gauge {
  readonly kind = "gauge";
  readonly name: string;
  readonly labels: MetricLabels;
  value = 0;

  constructor(name: string, labels: MetricLabels) {
    this.name = name;
    this.labels = { ...labels };
  }

  set(value: number): void {
    this.value = value;
  }
}

/** Equal for equal labels in whatever order. */
function seriesKey(name: string, labels: MetricLabels): string {
  const entries = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([name, ...entries]);
}
