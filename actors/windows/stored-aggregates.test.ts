/** What windows hold of another aggregate than theirs, as after a change of the code, is refused and not misread. */

import { expect, test } from "vitest";
import type { Aggregate } from "../aggregates/aggregate.ts";
import { aggregate } from "../aggregates/aggregate-record.ts";
import { quantile } from "../aggregates/quantile.ts";
import { count, mean, sum } from "../aggregates/totals.ts";
import { OperatorHarness } from "../testing/index.ts";
import { counting, session, sliding, tumbling, type WindowAssigner } from "./window-assigner.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowOptions } from "./window-options.ts";
import type { WindowResult } from "./window-result.ts";

type OfNumbers = Aggregate<number, unknown, unknown>;

const value = (event: number) => event;
/** So many that their names are not stored as they are. */
const many = (last: OfNumbers): OfNumbers => {
  const others = Array.from({ length: 20 }, (_, index) => [`number ${index}`, sum(value)]);
  return aggregate({ ...Object.fromEntries(others), last });
};
const own: OfNumbers = {
  create: () => 0,
  add: (total, event) => (total as number) + event,
  merge: (into, from) => (into as number) + (from as number),
  finish: (total) => total,
};
const windows: readonly WindowAssigner<number>[] = [tumbling(10), sliding(20, 10), session(5), counting(9)];

/** Opens windows with the state of others that hold one event, 5. */
async function changed(assigner: WindowAssigner<number>, before: OfNumbers, now: OfNumbers, options?: WindowOptions) {
  const old = await OperatorHarness.open<number>(windowOperator(assigner, before), { guarantee: "exactly-once" });
  old.feed([{ value: 5, time: 1, key: "a" }]);
  const restore = { entries: await old.barrier(1), epoch: 1 };
  return OperatorHarness.open<number, WindowResult<unknown>>(windowOperator(assigner, now, options), {
    ...{ guarantee: "exactly-once", restore },
  });
}

test.each<[string, OfNumbers, OfNumbers]>([
  ["a sum where a count was", count(), sum(value)],
  ["a count where a mean was", mean(value), count()],
  ["a field more", aggregate({ n: count() }), aggregate({ n: count(), mean: mean(value) })],
  ["another field of many", many(mean(value)), many(sum(value))],
  ["a coarser sketch", quantile(0.5, value), quantile(0.5, value, { accuracy: 0.1 })],
  ["one of the author's own where a built-in one was", sum(value), own],
])("another aggregate is refused, and goes on with a migration: %s", async (_, before, now) => {
  for (const assigner of windows) {
    await expect(changed(assigner, before, now)).rejects.toMatchObject({
      code: "ERR_ACT_STATE_KIND",
      message: expect.stringContaining("raise its version and add a migration"),
    });

    const seven = () => now.add(now.create(), 7);
    const migrated = await changed(assigner, before, now, { version: 2, migrate: { 1: seven } });
    await migrated.end();
    expect(migrated.values()[0]?.value).toEqual(now.finish(seven()));
  }
});

test.each<[string, OfNumbers, OfNumbers, unknown]>([
  ["another number of the same sketch", quantile(0.5, value), quantile(0.99, value), expect.closeTo(5, 0)],
  [
    "fields in another order",
    aggregate({ a: count(), b: sum(value) }),
    aggregate({ b: sum(value), a: count() }),
    { a: 1, b: 5 },
  ],
  ["one of the author's own, whatever it is", { ...own, finish: () => 0 }, own, 5],
])("the same aggregate is taken: %s", async (_, before, now, expected) => {
  for (const assigner of windows) {
    const harness = await changed(assigner, before, now);
    await harness.end();
    expect(harness.values()[0]?.value).toEqual(expected);
  }
});
