import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate } from "../aggregates/aggregate-record.ts";
import { collect } from "../aggregates/collected.ts";
import { topN } from "../aggregates/top-n.ts";
import { count as countOf, sum } from "../aggregates/totals.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { FoldedEvents } from "../groupings/folded-events.ts";
import { runningAggregate } from "../keyed/running-aggregate.ts";
import type { OperatorSpec } from "../operator.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { count } from "./count.ts";
import type { Emission } from "./fold.ts";
import { reduce } from "./reduce.ts";

interface Load {
  readonly key: string;
  readonly weight: number;
}

type Told = Load & Record<string, unknown>;

const weights = aggregate({
  n: countOf(),
  total: sum(({ weight }: Load) => weight),
  heaviest: topN(2, ({ weight }: Load) => weight),
});

/** The last that is told of each key, of events that are put together until there is a cut, behind which the operator starts over. */
async function toldOf(spec: OperatorSpec, events: readonly (readonly [Load, boolean])[], areTogether: boolean) {
  const told = new Map<string, unknown>();
  const entries: StateEntry[] = [];
  const folded = new FoldedEvents((event) => (event as Load).key, 1, spec.preAggregation!);
  let harness = await OperatorHarness.open<unknown, Told>(spec, { guarantee: "exactly-once" });
  const goOn = () => {
    for (const { key, accumulator, count } of folded.take()) harness.feed([{ key, value: accumulator, folded: count }]);
    for (const result of harness.values()) told.set(result.key, result);
  };
  for (const [index, [event, isCut]] of events.entries()) {
    if (areTogether) folded.route({ values: [event], times: undefined, keys: undefined }, 0, 1, [new BatchBuilder()]);
    else harness.feed([{ key: event.key, value: event }]);
    if (!isCut) continue;
    goOn();
    const epoch = index + 1;
    entries.push(...(await harness.barrier(epoch)));
    harness = await OperatorHarness.open(spec, { guarantee: "exactly-once", restore: { entries, epoch } });
  }
  goOn();
  await harness.end();
  goOn();
  return told;
}

describe.each(["batch", "end"] as const)("events that are put together before they come, told per %s", (emit) => {
  test.each([
    ["count", count({ emit })],
    ["aggregate", runningAggregate(weights, { emit })],
  ])("make the same %s as events one by one", async (_, spec) => {
    const event = fc.record({ key: fc.constantFrom("a", "b", "c"), weight: fc.nat(9) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(event, fc.boolean())), async (events) => {
        expect(await toldOf(spec, events, true)).toEqual(await toldOf(spec, events, false));
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

test.each<[string, OperatorSpec]>([
  ["each result of a count is told", count()],
  ["each result of an aggregate is told", runningAggregate(countOf())],
  ["a function combines events in their order", reduce((left: number, right: number) => left - right, { emit: "end" })],
  ["an event more than a limit is refused", runningAggregate(collect(), { emit: "end" })],
  ["the author says so", runningAggregate(countOf(), { emit: "end", preAggregate: false })],
])("events come one by one where %s", (_, spec) => {
  expect(spec.preAggregation).toBeUndefined();
});

test("whether events may be put together is said by true or false", () => {
  const emit: Emission = "end";

  expect(() => runningAggregate(countOf(), { emit, preAggregate: 1 as never })).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining("aggregate: preAggregate") }),
  );
});
