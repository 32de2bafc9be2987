/**
 * RunningMean: the mean of all values so far, and the standard deviation of them as of a sample, by Welford's method, which
 * `variance` has (../aggregates/variance.ts).
 */

import { type VarianceState, variance } from "../aggregates/variance.ts";
import type { ForecastModel } from "./forecast-model.ts";

const moments = variance((value: number) => value, { of: "sample" });

export const runningMean: ForecastModel<VarianceState> = {
  kind: "zScore",
  create: () => moments.create(),
  forecast: ({ count, mean }) => (count === 0 ? undefined : mean),
  deviation: (state) => (state.count < 2 ? undefined : Math.sqrt(moments.finish(state))),
  learn: (state, value) => {
    moments.add(state, value);
  },
};
