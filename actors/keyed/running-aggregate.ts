/**
 * runningAggregate: what an aggregate makes of all events of a key so far, told after each of them. With a time to live, of all
 * events since there were none for so long.
 *
 * Not here: the aggregates (../aggregates/), those of windows (../windows/).
 */

import { type Aggregate, checkAggregate } from "../aggregates/aggregate.ts";
import type { OperatorSpec } from "../operator.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { StateOptions, ValueState } from "../state/operator-state.ts";
import { checkVersioning } from "../state/state-migration.ts";
import { checkTtl } from "../state/state-ttl.ts";

/**
 * Emits `{ key, value }` after each event. An event that the aggregate refuses fails, and has changed nothing.
 *
 * @param options of the accumulators
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function runningAggregate<E, A, R>(aggregate: Aggregate<E, A, R>, options: StateOptions = {}): OperatorSpec {
  checkAggregate("aggregate", aggregate);
  checkVersioning("aggregate", options);
  checkTtl("aggregate", options);
  const maker = () => new RunningAggregate(aggregate as AnyAggregate, options);
  return { ...process(maker, { keyed: true }), kind: "aggregate" };
}

type AnyAggregate = Aggregate<unknown, unknown, unknown>;

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
