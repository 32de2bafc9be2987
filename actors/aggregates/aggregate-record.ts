/**
 * aggregate: several aggregates of the same events at once, by name.
 *
 * Not here: what each of them does with its field of the accumulator (record-fields.ts).
 */

import { OptionError } from "../../runtime/index.ts";
import { keyHash } from "../groupings/key-hash.ts";
import { type Aggregate, checkAggregate, SelectingAggregate } from "./aggregate.ts";
import { mayRefuse, type RecordState, recordFields } from "./record-fields.ts";

/** The aggregates with these results. */
export type AggregatesOf<E, R> = { readonly [N in keyof R]: Aggregate<E, unknown, R[N]> };

const kindCharactersMax = 80;

/**
 * Several aggregates as one, whose result has a field for each. It can merge when all of them can, and remove when all of them can.
 *
 * @throws ERR_RT_OPTION for a record without aggregates, and for what is none; ERR_ACT_ASYNC_FUNCTION
 */
export function aggregate<E, R extends object>(aggregates: AggregatesOf<E, R>): Aggregate<E, RecordState, R> {
  if (typeof aggregates !== "object" || aggregates === null || Object.keys(aggregates).length === 0) {
    throw new OptionError("aggregate", aggregates, "an object of aggregates, such as { n: count() }");
  }
  for (const [name, one] of Object.entries(aggregates)) checkAggregate(`aggregate: ${name}`, one);
  return new RecordAggregate<E, R>(Object.entries<Aggregate<E, unknown, unknown>>(aggregates));
}

/** What the accumulators of an aggregate are, as far as that is known: of one of the author's own nothing is. */
export function accumulatorKind(aggregate: Aggregate<never, unknown, unknown>): string {
  if (aggregate instanceof SelectingAggregate || aggregate instanceof RecordAggregate) return aggregate.kind;
  return "one of its own";
}

/**
 * Whether events can be put together in accumulators that are merged later, with the result of adding each: it can merge, and what is
 * added is refused for what it is, and not for what was added before.
 */
export function isMergedExactly(aggregate: Aggregate<never, unknown, unknown>): boolean {
  if (aggregate.merge === undefined) return false;
  if (aggregate instanceof SelectingAggregate) return !aggregate.isLimited;
  return aggregate instanceof RecordAggregate ? aggregate.isMergedExactly : true;
}

/** Whether it takes nothing of its events but that they are there. */
export function takesNothing(aggregate: Aggregate<never, unknown, unknown>): boolean {
  return (aggregate instanceof SelectingAggregate || aggregate instanceof RecordAggregate) && aggregate.takesNothing;
}

class RecordAggregate<E, R> implements Aggregate<E, RecordState, R> {
  readonly kind: string;
  readonly #all: readonly Aggregate<E, unknown, unknown>[];
  readonly create: () => RecordState;
  readonly add: (state: RecordState, event: E, time?: number) => RecordState;
  readonly finish: (state: RecordState) => R;
  readonly merge?: (into: RecordState, from: RecordState) => RecordState;
  readonly remove?: (state: RecordState, event: E, time?: number) => RecordState;

  constructor(entries: readonly (readonly [name: string, one: Aggregate<E, unknown, unknown>])[]) {
    this.#all = entries.map(([, one]) => one);
    this.kind = kindOf(entries.map(([name, one]) => `${name}: ${accumulatorKind(one)}`));
    const blank = Object.fromEntries(entries.map(([name]) => [name, undefined]));
    const { create, add, finish, merge, remove } = recordFields(entries, blank, this.kind);
    this.create = create;
    this.add = add;
    this.finish = finish as (state: RecordState) => R;
    if (this.#all.every((one) => one.merge !== undefined)) this.merge = merge;
    if (this.#all.every((one) => one.remove !== undefined)) this.remove = remove;
  }

  /** Of several that may refuse, those before the one that does keep the event, and would be given it again. */
  get isMergedExactly(): boolean {
    return this.#all.every(isMergedExactly) && this.#all.filter(mayRefuse).length <= 1;
  }

  get takesNothing(): boolean {
    return this.#all.every(takesNothing);
  }
}

/** Stands in the state of an operator many times: a long one is shortened to what tells it from others. */
function kindOf(parts: readonly string[]): string {
  const text = `{ ${parts.toSorted().join(", ")} }`;
  return text.length <= kindCharactersMax ? text : `${parts.length} aggregates, ${keyHash(text).toString(16)}`;
}
