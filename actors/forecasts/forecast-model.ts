/** ForecastModel: what is expected of the next value of a series, and how far values have been off. Its state is plain data. */

export interface ForecastModel<S> {
  /** The name of the operator. */
  readonly kind: string;
  create(): S;
  /** The value expected next; undefined while too few have come. */
  forecast(state: S): number | undefined;
  /** The standard deviation of values from their forecasts; undefined while too few have come. */
  deviation(state: S): number | undefined;
  /** One more value: the state, changed. */
  learn(state: S, value: number): void;
}
