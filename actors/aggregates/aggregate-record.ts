/**
 * aggregate: several aggregates of the same events at once, by name.
 *
 * An event is taken by all of them or by none (A3): first all select, then those change their accumulator that may refuse to
 * (they have a limit, or are the author's own), then the others. Where several may refuse, those before the one that does keep the event.
 */

import { OptionError } from "../../runtime/index.ts";
import { keyHash } from "../groupings/key-hash.ts";
import { type Aggregate, checkAggregate, SelectingAggregate } from "./aggregate.ts";

/** The aggregates with these results. */
export type AggregatesOf<E, R> = { readonly [N in keyof R]: Aggregate<E, unknown, R[N]> };

const kindCharactersMax = 80;

/** The accumulators, by the names of their aggregates. */
export type RecordState = Record<string, unknown>;

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
  readonly #names: readonly string[];
  readonly #all: readonly Aggregate<E, unknown, unknown>[];
  readonly #parts: readonly Part<E>[];
  /** What is copied for a record, so that all of them have one shape, whatever the names are. */
  readonly #blank: Readonly<RecordState>;
  readonly merge?: (into: RecordState, from: RecordState) => RecordState;
  readonly remove?: (state: RecordState, event: E, time?: number) => RecordState;

  constructor(entries: readonly (readonly [name: string, one: Aggregate<E, unknown, unknown>])[]) {
    this.#names = entries.map(([name]) => name);
    this.#all = entries.map(([, one]) => one);
    this.#blank = Object.fromEntries(this.#names.map((name) => [name, undefined]));
    this.kind = kindOf(entries.map(([name, one]) => `${name}: ${accumulatorKind(one)}`));
    const parts = entries.map(([name, one]) => new Part(name, one));
    this.#parts = [...parts.filter(({ mayRefuse }) => mayRefuse), ...parts.filter(({ mayRefuse }) => !mayRefuse)];
    if (this.#all.every(({ merge }) => merge !== undefined)) this.merge = (into, from) => this.#merge(into, from);
    if (this.#all.every(({ remove }) => remove !== undefined)) {
      this.remove = (state, event, time) => this.#remove(state, event, time);
    }
  }

  /** Of several that may refuse, those before the one that does keep the event, and would be given it again. */
  get isMergedExactly(): boolean {
    return this.#all.every(isMergedExactly) && this.#parts.filter(({ mayRefuse }) => mayRefuse).length <= 1;
  }

  get takesNothing(): boolean {
    return this.#all.every(takesNothing);
  }

  create(): RecordState {
    const state: RecordState = { ...this.#blank };
    const [names, all] = [this.#names, this.#all];
    for (let index = 0; index < names.length; index += 1) state[names[index]!] = all[index]!.create();
    return state;
  }

  add(state: RecordState, event: E, time?: number): RecordState {
    const parts = this.#parts;
    for (const part of parts) part.select(event);
    for (const part of parts) part.put(state, time);
    return state;
  }

  finish(state: RecordState): R {
    const result: RecordState = { ...this.#blank };
    const [names, all] = [this.#names, this.#all];
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index]!;
      result[name] = all[index]!.finish(state[name]);
    }
    return result as R;
  }

  #merge(into: RecordState, from: RecordState): RecordState {
    const [names, all] = [this.#names, this.#all];
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index]!;
      into[name] = all[index]!.merge!(into[name], from[name]);
    }
    return into;
  }

  #remove(state: RecordState, event: E, time: number | undefined): RecordState {
    const [names, all] = [this.#names, this.#all];
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index]!;
      state[name] = all[index]!.remove!(state[name], event, time);
    }
    return state;
  }
}

/** Stands in the state of an operator many times: a long one is shortened to what tells it from others. */
function kindOf(parts: readonly string[]): string {
  const text = `{ ${parts.toSorted().join(", ")} }`;
  return text.length <= kindCharactersMax ? text : `${parts.length} aggregates, ${keyHash(text).toString(16)}`;
}

/** One of them, with what it has selected of the event in hand. */
class Part<E> {
  readonly mayRefuse: boolean;
  readonly #name: string;
  readonly #select: (event: E) => unknown;
  readonly #put: (accumulator: unknown, selected: unknown, time: number | undefined) => unknown;
  #selected: unknown;

  constructor(name: string, one: Aggregate<E, unknown, unknown>) {
    const builtIn = one instanceof SelectingAggregate ? one : undefined;
    this.#name = name;
    this.mayRefuse = builtIn === undefined || builtIn.isLimited;
    this.#select = builtIn?.select ?? ((event) => event);
    this.#put = builtIn?.put ?? ((accumulator, event, time) => one.add(accumulator, event as E, time));
  }

  select(event: E): void {
    this.#selected = this.#select(event);
  }

  put(state: RecordState, time: number | undefined): void {
    state[this.#name] = this.#put(state[this.#name], this.#selected, time);
    this.#selected = undefined;
  }
}
