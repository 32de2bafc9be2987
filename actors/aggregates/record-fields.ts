/**
 * RecordFields: the accumulators of several aggregates in one object, a field for each.
 *
 * An event is taken by all of them or by none (A3): first all select, then those change their accumulator that may refuse to
 * (they have a limit, or are the author's own), then the others. Where several may refuse, those before the one that does keep the event.
 *
 * Each field is read and written by a copy of the code of its own, which knows the fields that come before it: V8 has seen one name and one
 * aggregate there, and puts all of them into one function. In a loop over names it looks up each anew.
 */

import { ownCopy } from "../operators/own-copy.ts";
import { type Aggregate, SelectingAggregate } from "./aggregate.ts";

/** The accumulators, by the names of their aggregates. */
export type RecordState = Record<string, unknown>;

interface RecordSteps<E> {
  create(): RecordState;
  add(state: RecordState, event: E, time?: number): RecordState;
  /** Only where all of them can. */
  merge(into: RecordState, from: RecordState): RecordState;
  /** Only where all of them can. */
  remove(state: RecordState, event: E, time?: number): RecordState;
  finish(state: RecordState): RecordState;
}

/** As of RecordSteps, of some of the fields; a new record is given with all of them in it, and undefined. */
interface Fields<E> {
  create(state: RecordState): void;
  add(state: RecordState, event: E, time: number | undefined): void;
  merge(into: RecordState, from: RecordState): void;
  remove(state: RecordState, event: E, time: number | undefined): void;
  finish(state: RecordState, result: RecordState): void;
}

const noFields: Fields<unknown> = {
  create: () => undefined,
  add: () => undefined,
  merge: () => undefined,
  remove: () => undefined,
  finish: () => undefined,
};

/** Whether adding an event to an accumulator may throw, and not only what selects from the event. */
export function mayRefuse(one: Aggregate<never, unknown, unknown>): boolean {
  return !(one instanceof SelectingAggregate) || one.isLimited;
}

/**
 * @param blank has the names in the order of the result, and is copied, so that all records have one shape, whatever the names are
 * @param kind tells what is copied for one record from that for another
 */
export function recordFields<E>(
  entries: readonly (readonly [name: string, one: Aggregate<E, unknown, unknown>])[],
  blank: Readonly<RecordState>,
  kind: string,
): RecordSteps<E> {
  const ordered = [...entries.filter(([, one]) => mayRefuse(one)), ...entries.filter(([, one]) => !mayRefuse(one))];
  let fields: Fields<E> = noFields;
  for (const [index, [name, one]] of ordered.entries()) {
    const builtIn = one instanceof SelectingAggregate ? one : undefined;
    const select = builtIn?.select ?? ((event: E) => event);
    const put = builtIn?.put ?? ((accumulator, event, time) => one.add(accumulator, event as E, time));
    fields = ownCopy(fieldBehind, `${name} ${kind}`, index)(fields as never, name, one as never, select as never, put);
  }
  return ownCopy(stepsOver, kind)(fields as never, blank) as RecordSteps<E>;
}

/** The field `name` behind those before it: it selects before they change anything, and changes its accumulator behind them. */
function fieldBehind<E>(
  before: Fields<E>,
  name: string,
  one: Aggregate<E, unknown, unknown>,
  select: (event: E) => unknown,
  put: (accumulator: unknown, selected: unknown, time: number | undefined) => unknown,
): Fields<E> {
  return {
    create: (state) => {
      before.create(state);
      state[name] = one.create();
    },
    add: (state, event, time) => {
      const selected = select(event);
      before.add(state, event, time);
      state[name] = put(state[name], selected, time);
    },
    merge: (into, from) => {
      before.merge(into, from);
      into[name] = one.merge!(into[name], from[name]);
    },
    remove: (state, event, time) => {
      before.remove(state, event, time);
      state[name] = one.remove!(state[name], event, time);
    },
    finish: (state, result) => {
      before.finish(state, result);
      result[name] = one.finish(state[name]);
    },
  };
}

function stepsOver<E>(fields: Fields<E>, blank: Readonly<RecordState>): RecordSteps<E> {
  return {
    create: () => {
      const state = { ...blank };
      fields.create(state);
      return state;
    },
    add: (state, event, time) => {
      fields.add(state, event, time);
      return state;
    },
    merge: (into, from) => {
      fields.merge(into, from);
      return into;
    },
    remove: (state, event, time) => {
      fields.remove(state, event, time);
      return state;
    },
    finish: (state) => {
      const result = { ...blank };
      fields.finish(state, result);
      return result;
    },
  };
}
