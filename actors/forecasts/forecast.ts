/**
 * forecast: an operator that holds each value of a key against what its model expected, and then lets the model learn it. Values
 * count in the order in which they come.
 *
 * Not here: the models.
 */

import { OptionError } from "../../runtime/index.ts";
import { numbersOf } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import type { OperatorSpec } from "../operator.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { ValueState } from "../state/operator-state.ts";
import { checkWeight, exponentialAverage } from "./exponential-average.ts";
import type { ForecastModel } from "./forecast-model.ts";
import { type HoltWintersOptions, holtWintersModel } from "./holt-winters.ts";
import { runningMean } from "./running-mean.ts";

/** A value, and what was expected of it. */
export interface Forecast<E = unknown, K extends Key = Key> {
  readonly key: K;
  readonly event: E;
  readonly value: number;
  /** What was expected before it came; undefined while too few values have come. */
  readonly forecast: number | undefined;
  /**
   * How many standard deviations it is above its forecast, or below it when negative: `(value - forecast) / deviation`, both as they
   * were before it came. Infinite for the first value that is off at all; undefined while too few values have come.
   */
  readonly score: number | undefined;
  /** What is expected of the next value. */
  readonly next: number | undefined;
}

export interface SmoothOptions {
  /** The weight of the newest value: above 0, at most 1. */
  readonly alpha: number;
}

export interface ZScoreOptions {
  /** How many values it takes until one has half its weight in mean and deviation. Default: all values have the same weight. */
  readonly halfLife?: number;
}

/**
 * Exponential smoothing: `next` is the smoothed value.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for what is no finite number
 */
export function smooth<E>(select: (event: E) => number, options: SmoothOptions): OperatorSpec {
  const alpha = checkWeight("smooth: alpha", options?.alpha);
  return forecast(select, exponentialAverage("smooth", alpha));
}

/** Level, trend and season, added. Throws and fails events as `smooth`. */
export function holtWinters<E>(select: (event: E) => number, options: HoltWintersOptions): OperatorSpec {
  return forecast(select, holtWintersModel(options));
}

/**
 * How far a value is from the mean of those before it, in standard deviations: those of all of them, or of the last ones, weighted
 * by `2 ** (-age / halfLife)`. Throws and fails events as `smooth`.
 */
export function zScore<E>(select: (event: E) => number, { halfLife }: ZScoreOptions = {}): OperatorSpec {
  if (halfLife === undefined) return forecast(select, runningMean);
  if (typeof halfLife !== "number" || !Number.isFinite(halfLife) || halfLife <= 0) {
    throw new OptionError("zScore: halfLife", halfLife, "a number of values above 0");
  }
  return forecast(select, exponentialAverage("zScore", 1 - 2 ** (-1 / halfLife)));
}

function forecast<E, S>(select: (event: E) => number, model: ForecastModel<S>): OperatorSpec {
  const numberOf = numbersOf(model.kind, select) as (event: unknown) => number;
  return { ...process(() => new ForecastOperator(numberOf, model), { keyed: true }), kind: model.kind };
}

class ForecastOperator<S> implements ProcessOperator {
  readonly #select: (event: unknown) => number;
  readonly #model: ForecastModel<S>;
  #state!: ValueState<S, S>;

  constructor(select: (event: unknown) => number, model: ForecastModel<S>) {
    this.#select = select;
    this.#model = model;
  }

  open({ state }: ProcessContext): void {
    this.#state = state.value("model", { initial: () => this.#model.create() });
  }

  onEvent(event: unknown, context: ProcessContext): void {
    const model = this.#model;
    const value = this.#select(event);
    const state = this.#state.get();
    const expected = model.forecast(state);
    const deviation = model.deviation(state);
    model.learn(state, value);
    this.#state.set(state);
    const result: Forecast = {
      key: context.key as Key,
      event,
      value,
      forecast: expected,
      score: expected === undefined || deviation === undefined ? undefined : scoreOf(value - expected, deviation),
      next: model.forecast(state),
    };
    context.emit(result);
  }
}

/** What never was off by anything has no deviation. */
function scoreOf(error: number, deviation: number): number {
  return error === 0 ? 0 : error / deviation;
}
