/**
 * runningAggregate: what an aggregate makes of all events of a key so far, told after each of them, once per batch or at the end. With
 * a time to live, of all events since there were none for so long.
 *
 * Not here: the aggregates (../aggregates/), those of windows (../windows/).
 */

import { OptionError } from "../../runtime/index.ts";
import { type Aggregate, checkAggregate } from "../aggregates/aggregate.ts";
import { isMergedExactly } from "../aggregates/aggregate-record.ts";
import { checkPreAggregate } from "../groupings/pre-aggregation.ts";
import type { OperatorSpec } from "../operator.ts";
import { type Emission, type Fold, foldOperator } from "../operators/fold.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { StateOptions, ValueState } from "../state/operator-state.ts";
import { checkVersioning } from "../state/state-migration.ts";
import { stateOptionsOf } from "../state/state-options.ts";
import { checkTtl } from "../state/state-ttl.ts";

export interface RunningAggregateOptions extends StateOptions {
  /** When the result is told: after each event (the default), once per batch and key, or once per key at the end. */
  readonly emit?: Emission;
  /** As of windows; it can be done where the result is not told after each event. */
  readonly preAggregate?: boolean;
}

/**
 * Emits `{ key, value }`. An event that the aggregate refuses fails, and has changed nothing. What is told once per batch or at the end
 * has no time to live: what ran out would have to be told, too.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function runningAggregate<E, A, R>(
  aggregate: Aggregate<E, A, R>,
  options: RunningAggregateOptions = {},
): OperatorSpec {
  checkAggregate("aggregate", aggregate);
  checkVersioning("aggregate", options);
  checkTtl("aggregate", options);
  const { emit = "each", ttl, preAggregate = true } = options;
  checkPreAggregate("aggregate", preAggregate);
  if (emit !== "each") {
    if (ttl !== undefined) throw new OptionError("aggregate: ttl", ttl, 'none where `emit` is "batch" or "end"');
    return foldOperator(accumulating(aggregate as AnyAggregate, preAggregate), options);
  }
  const maker = () => new RunningAggregate(aggregate as AnyAggregate, stateOptionsOf(options));
  return { ...process(maker, { keyed: true }), kind: "aggregate" };
}

type AnyAggregate = Aggregate<unknown, unknown, unknown>;

function accumulating(aggregate: AnyAggregate, preAggregate: boolean): Fold<unknown> {
  return {
    kind: "aggregate",
    ...(preAggregate && isMergedExactly(aggregate)
      ? { together: { aggregate, merge: (into = aggregate.create(), from: unknown) => aggregate.merge!(into, from) } }
      : {}),
    first: (event, { time }) => aggregate.add(aggregate.create(), event, time),
    next: (accumulator, event, { time }) => aggregate.add(accumulator, event, time),
    keyedResult: (key, accumulator) => ({ key, value: aggregate.finish(accumulator) }),
    wholeResult: (accumulator) => aggregate.finish(accumulator),
  };
}

class RunningAggregate implements ProcessOperator {
  readonly #aggregate: AnyAggregate;
  readonly #options: StateOptions;
  /** In a box: an accumulator may be undefined. */
  #accumulator!: ValueState<readonly [accumulator: unknown]>;

  constructor(aggregate: AnyAggregate, options: StateOptions) {
    this.#aggregate = aggregate;
    this.#options = options;
  }

  open({ state }: ProcessContext): void {
    this.#accumulator = state.value("accumulator", this.#options);
  }

  onEvent(event: unknown, context: ProcessContext): void {
    const one = this.#aggregate;
    const [before] = this.#accumulator.get() ?? [one.create()];
    const after = one.add(before, event, context.time);
    this.#accumulator.set([after]);
    context.emit({ key: context.key, value: one.finish(after) });
  }
}
