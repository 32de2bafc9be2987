/**
 * HoltWinters: a level, a trend and an additive season of fixed length (P. R. Winters, Forecasting sales by exponentially weighted
 * moving averages, 1960; the equations as in R. J. Hyndman and G. Athanasopoulos, Forecasting: principles and practice, 8.3).
 * With the season `m` and, of the value before, the level `l` and the trend `b`:
 *
 *  - forecast = l + b + season[t - m]
 *  - level = alpha * (value - season[t - m]) + (1 - alpha) * (l + b)
 *  - trend = beta * (level - l) + (1 - beta) * b
 *  - season[t] = gamma * (value - l - b) + (1 - gamma) * season[t - m]
 *
 * It begins with two seasons of values: the level is the mean of the first, the trend the difference of the means per value, the
 * season how far the first values are from the level (S. Makridakis, S. Wheelwright and R. Hyndman, Forecasting, 1998). The values
 * of the second season are then learned like all others, and the first forecast is that of the value behind them.
 *
 * The deviation is the root of the squared errors, averaged with the weight of `alpha`; the first error counts in full.
 */

import { OptionError, wholeNumber } from "../../runtime/index.ts";
import { seasonLengthMax } from "../limits.ts";
import { checkWeight } from "./exponential-average.ts";
import type { ForecastModel } from "./forecast-model.ts";

export interface HoltWintersOptions {
  /** Values of one season: 24 for a day of hourly values. */
  readonly season: number;
  /** The weight of the newest value in the level; above 0, at most 1. */
  readonly alpha: number;
  /** ... in the trend; from 0, for a trend that stays as it began, to 1. */
  readonly beta: number;
  /** ... in the season; from 0, for a season that stays as it began, to 1. */
  readonly gamma: number;
}

export interface HoltWintersState {
  /** The values of the first two seasons, while they come. */
  first: number[];
  level: number;
  trend: number;
  /** Of the last values, at their place in the season. */
  season: number[];
  /** The place of the next value. */
  place: number;
  /** The average of the squared errors; negative before the first. */
  squares: number;
}

/** @throws ERR_RT_OPTION */
export function holtWintersModel(options: HoltWintersOptions): ForecastModel<HoltWintersState> {
  if (typeof options !== "object" || options === null) {
    throw new OptionError("holtWinters", options, "options such as { season: 24, alpha: 0.3, beta: 0.1, gamma: 0.2 }");
  }
  const length = wholeNumber("holtWinters: season", options.season, 2, seasonLengthMax);
  const alpha = checkWeight("holtWinters: alpha", options.alpha);
  const beta = options.beta === 0 ? 0 : checkWeight("holtWinters: beta", options.beta);
  const gamma = options.gamma === 0 ? 0 : checkWeight("holtWinters: gamma", options.gamma);

  const expected = ({ level, trend, season, place }: HoltWintersState): number => level + trend + season[place]!;
  const step = (state: HoltWintersState, value: number): void => {
    const { level, trend, place, squares } = state;
    const season = state.season[place]!;
    const error = value - expected(state);
    state.level = alpha * (value - season) + (1 - alpha) * (level + trend);
    state.trend = beta * (state.level - level) + (1 - beta) * trend;
    state.season[place] = gamma * (value - level - trend) + (1 - gamma) * season;
    state.place = (place + 1) % length;
    state.squares = squares < 0 ? error * error : squares + alpha * (error * error - squares);
  };

  return {
    kind: "holtWinters",
    create: () => ({ first: [], level: 0, trend: 0, season: [], place: 0, squares: -1 }),
    forecast: (state) => (state.season.length === 0 ? undefined : expected(state)),
    deviation: ({ squares }) => (squares < 0 ? undefined : Math.sqrt(squares)),
    learn(state, value) {
      if (state.season.length > 0) return step(state, value);
      state.first.push(value);
      if (state.first.length < 2 * length) return;
      begin(state, length);
      const second = state.first.slice(length);
      state.first = [];
      for (const each of second) step(state, each);
    },
  };
}

function begin(state: HoltWintersState, length: number): void {
  const first = state.first.slice(0, length);
  state.level = mean(first);
  state.trend = (mean(state.first.slice(length)) - state.level) / length;
  state.season = first.map((value) => value - state.level);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
