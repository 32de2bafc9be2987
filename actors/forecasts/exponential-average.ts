/**
 * ExponentialAverage: simple exponential smoothing, `level = alpha * value + (1 - alpha) * level` (R. G. Brown, Statistical
 * Forecasting for Inventory Control, 1959), with the variance around it by the same weights (T. Finch, Incremental calculation of
 * weighted mean and variance, 2009, section 9): `variance = (1 - alpha) * (variance + alpha * error * error)`.
 */

import { OptionError } from "../../runtime/index.ts";
import type { ForecastModel } from "./forecast-model.ts";

export interface ExponentialAverageState {
  count: number;
  level: number;
  variance: number;
}

/** The first value is the first level; a deviation is known from the second on. */
export function exponentialAverage(kind: string, alpha: number): ForecastModel<ExponentialAverageState> {
  return {
    kind,
    create: () => ({ count: 0, level: 0, variance: 0 }),
    forecast: ({ count, level }) => (count === 0 ? undefined : level),
    deviation: ({ count, variance }) => (count < 2 ? undefined : Math.sqrt(variance)),
    learn(state, value) {
      state.count += 1;
      if (state.count === 1) {
        state.level = value;
        return;
      }
      const error = value - state.level;
      state.level += alpha * error;
      state.variance = (1 - alpha) * (state.variance + alpha * error * error);
    },
  };
}

/**
 * A weight of the newest: above 0, and below or equal to 1.
 *
 * @throws ERR_RT_OPTION
 */
export function checkWeight(what: string, weight: unknown): number {
  if (typeof weight === "number" && weight > 0 && weight <= 1) return weight;
  throw new OptionError(what, weight, "a number above 0, at most 1");
}
