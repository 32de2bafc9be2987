/** What all built-in aggregates promise (laws A1 to A3), and what each of them results in. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "../../runtime/index.ts";
import { topCountMax } from "../limits.ts";
import { type Aggregate, checkAggregate } from "./aggregate.ts";
import { aggregate } from "./aggregate-record.ts";
import { collect } from "./collected.ts";
import { distinct } from "./distinct.ts";
import { distinctApprox } from "./distinct-approx.ts";
import { max, min } from "./extremes.ts";
import { first, last } from "./picked.ts";
import { quantile, quantiles } from "./quantile.ts";
import { topN } from "./top-n.ts";
import { count, mean, sum } from "./totals.ts";
import { stddev, variance } from "./variance.ts";

interface Reading {
  readonly ms: number;
  readonly id: string;
}

type AnyAggregate = Aggregate<Reading, unknown, unknown>;

const ms = ({ ms }: Reading) => ms;
const id = ({ id }: Reading) => id;

const builtIn: Readonly<Record<string, AnyAggregate>> = {
  count: count(),
  sum: sum(ms),
  mean: mean(ms),
  variance: variance(ms),
  stddev: stddev(ms),
  min: min(ms),
  max: max(id),
  first: first(),
  last: last(),
  topN: topN(3, ms),
  collect: collect(),
  distinct: distinct(id),
  distinctApprox: distinctApprox(id, { precision: 8 }),
  quantile: quantile(0.9, ms),
  quantiles: quantiles([0, 0.5, 1], ms),
  record: aggregate({ n: count(), inner: aggregate({ p50: quantile(0.5, ms), all: collect<Reading>() }) }),
};
const removable = Object.entries(builtIn).filter(([, one]) => one.remove !== undefined);

const reading = fc.record({ ms: fc.integer({ min: -1_000, max: 1_000 }), id: fc.string({ maxLength: 2 }) });
/** In the order of arrival, with event times in any order. */
const readings = fc.array(fc.tuple(reading, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 60 });

describe.each(Object.entries(builtIn))("%s", (_name, one) => {
  test("merged parts are as good as all events in one", () => {
    fc.assert(
      fc.property(readings, fc.nat({ max: 60 }), (events, cut) => {
        const merged = one.merge!(added(one, events.slice(0, cut)), added(one, events.slice(cut)));

        expect(rounded(one.finish(merged))).toEqual(rounded(one.finish(added(one, events))));
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test("merging leaves what is merged in as it is, also when the other goes on", () => {
    fc.assert(
      fc.property(readings, readings, (events, others) => {
        const from = added(one, others);
        const before = encode(from);

        added(one, events, one.merge!(one.create(), from));

        expect(encode(from)).toEqual(before);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  test("goes on from an accumulator that was encoded and decoded as from its own", () => {
    fc.assert(
      fc.property(readings, readings, (before, after) => {
        const stored = decode(encode(added(one, before)));

        const result = one.finish(added(one, after, stored));

        expect(result).toEqual(one.finish(added(one, [...before, ...after])));
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  test("a result does not change with what is added after it", () => {
    const state = added(one, [[{ ms: 1, id: "a" }, 1]]);
    const result = one.finish(state);
    const before = encode(result);

    added(one, [[{ ms: 2, id: "b" }, 2]], state);

    expect(encode(result)).toEqual(before);
  });
});

test.each(removable)("%s without an event that was added is as good as before", (_name, one) => {
  fc.assert(
    fc.property(readings, fc.array(fc.tuple(reading, fc.constant(5)), { maxLength: 20 }), (events, more) => {
      let state = added(one, more, added(one, events));
      for (const [event, time] of more) state = one.remove!(state, event, time);

      expect(rounded(one.finish(state))).toEqual(rounded(one.finish(added(one, events))));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("those can be undone that keep enough for it", () => {
  expect(removable.map(([name]) => name)).toEqual([
    ...["count", "sum", "mean", "variance", "stddev", "distinct", "quantile", "quantiles"],
  ]);
});

test("results are what their names say", () => {
  // given
  const events = [4, 9, 2, 9, 1].map((ms, index): [Reading, number] => [{ ms, id: `${index % 2}` }, 10 - index]);
  const resultOf = <R>(one: Aggregate<Reading, unknown, R>): R => one.finish(added(one, events) as never);

  // then
  expect(resultOf(count())).toBe(5);
  expect(resultOf(sum(ms))).toBe(25);
  expect(resultOf(mean(ms))).toBe(5);
  expect(resultOf(variance(ms))).toBeCloseTo(11.6);
  expect(resultOf(variance(ms, { of: "sample" }))).toBeCloseTo(14.5);
  expect(resultOf(stddev(ms))).toBeCloseTo(Math.sqrt(11.6));
  expect(resultOf(min(ms))).toBe(1);
  expect(resultOf(max((event) => new Date(event.ms)))).toEqual(new Date(9));
  expect(resultOf(distinct(id))).toBe(2);
  expect(resultOf(distinctApprox(id))).toBe(2);
  expect(resultOf(collect<Reading>()).map(ms)).toEqual([4, 9, 2, 9, 1]);
  expect(resultOf(aggregate({ n: count(), most: max(ms) }))).toEqual({ n: 5, most: 9 });
});

test("the first and the last are by event time, of equals by arrival", () => {
  const named = (id: string, time: number): [Reading, number] => [{ ms: 0, id }, time];
  const events = [named("b", 2), named("a", 1), named("a too", 1), named("z", 9), named("z too", 9), named("c", 3)];

  expect((first<Reading>().finish(added(first(), events) as never) as Reading).id).toBe("a");
  expect((last<Reading>().finish(added(last(), events) as never) as Reading).id).toBe("z too");
});

test("of equal scores those that came first are at the top", () => {
  const one = topN(3, ms);
  const scored = [3, 5, 5, 1, 5, 5].map((ms, index): [Reading, number] => [{ ms, id: `${index}` }, 0]);

  expect((one.finish(added(one, scored) as never) as Reading[]).map(id)).toEqual(["1", "2", "4"]);
});

describe("what is refused", () => {
  const notANumber = { ms: Number.NaN, id: "" };

  test.each(
    Object.entries({ sum: sum(ms), mean: mean(ms), min: min(ms), topN: topN(1, ms), quantile: quantile(0, ms) }),
  )("%s: a value that is none, before anything has changed", (_name, one: AnyAggregate) => {
    const state = added(one, [[{ ms: 3, id: "" }, 0]]);
    const before = encode(state);

    expect(() => one.add(state, notANumber)).toThrow(expect.objectContaining({ code: "ERR_ACT_AGGREGATE_VALUE" }));

    expect(encode(state)).toEqual(before);
  });

  test("one event more than a limit, added or merged", () => {
    const two = collect<Reading>(2);
    const state = added(two, [
      [notANumber, 0],
      [notANumber, 0],
    ]);
    const values = distinct<Reading>(ms, 1);

    const limit = expect.objectContaining({ code: "ERR_ACT_AGGREGATE_LIMIT" });
    expect(() => two.add(state as never, notANumber)).toThrow(limit);
    expect(() => two.merge!(state as never, [notANumber])).toThrow(limit);
    expect(() =>
      added(values, [
        [{ ms: 1, id: "" }, 0],
        [{ ms: 1, id: "" }, 0],
        [{ ms: 2, id: "" }, 0],
      ]),
    ).toThrow(limit);
  });

  test("an event that one aggregate of a record refuses has changed none", () => {
    const one = aggregate({ n: count(), all: collect<Reading>(1), total: sum(ms) });
    const state = added(one, [[{ ms: 3, id: "" }, 0]]) as never;

    for (const event of [notANumber, { ms: 5, id: "" }]) expect(() => one.add(state, event)).toThrow();

    expect(one.finish(state)).toEqual({ n: 1, all: [{ ms: 3, id: "" }], total: 3 });
  });

  test("options that mean nothing", () => {
    const option = expect.objectContaining({ code: "ERR_RT_OPTION" });
    expect(() => topN(0, ms)).toThrow(option);
    expect(() => topN(topCountMax + 1, ms)).toThrow(option);
    expect(() => collect(-1)).toThrow(option);
    expect(() => distinct(id, 1.5)).toThrow(option);
    expect(() => distinctApprox(id, { precision: 7 })).toThrow(option);
    expect(() => quantile(1.01, ms)).toThrow(option);
    expect(() => quantile(0.5, ms, { accuracy: 0 })).toThrow(option);
    expect(() => quantiles([], ms)).toThrow(option);
    expect(() => variance(ms, { of: "all" as never })).toThrow(option);
    expect(() => sum(undefined as never)).toThrow(option);
    expect(() => aggregate({})).toThrow(option);
    expect(() => aggregate({ n: 1 as never })).toThrow(option);
    expect(() => checkAggregate("window", { create: () => 0, add: () => 0 })).toThrow(option);
    expect(() => sum((async () => 1) as never)).toThrow(expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }));
  });
});

test("a record can do what all of its aggregates can", () => {
  expect(aggregate({ n: count(), total: sum(ms) }).remove).toBeDefined();
  expect(aggregate({ n: count(), least: min(ms) }).remove).toBeUndefined();
  const own: Aggregate<Reading, number, number> = {
    create: () => 0,
    add: (state) => state + 1,
    finish: (state) => state,
  };
  expect(aggregate({ n: count(), own }).merge).toBeUndefined();
});

function added(
  one: AnyAggregate,
  events: readonly (readonly [Reading, number])[],
  state: unknown = one.create(),
): unknown {
  return events.reduce((before, [event, time]) => one.add(before, event, time), state);
}

/** Sums of doubles depend on their order in the last digits. */
function rounded(result: unknown): unknown {
  if (typeof result === "number") return Math.round(result * 1e4) / 1e4 + 0;
  if (Array.isArray(result)) return result.map(rounded);
  return result;
}
