import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate } from "../aggregates/aggregate-record.ts";
import { collect } from "../aggregates/collected.ts";
import { topN } from "../aggregates/top-n.ts";
import { count as countOf, sum } from "../aggregates/totals.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { takenEntries } from "../groupings/fixtures/taken-entries.ts";
import { FoldedEvents } from "../groupings/folded-events.ts";
import { withinThread } from "../groupings/folds.ts";
import { runningAggregate } from "../keyed/running-aggregate.ts";
import type { OperatorSpec } from "../operator.ts";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import type { HarnessResult } from "../testing/harness-output.ts";
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

/** What happens to an event: whether it is put together with others, and whether the operator starts over behind it. */
interface Step {
  readonly event: Load;
  /** Its event time; undefined in a stream without any. */
  readonly time: number | undefined;
  readonly isTogether: boolean;
  readonly isCut: boolean;
}

/** The last that is told of each key, with its event time, of events of which some are put together until there is a cut or one that is not. */
async function toldOf(spec: OperatorSpec, steps: readonly Step[]) {
  const told = new Map<string, HarnessResult>();
  const entries: StateEntry[] = [];
  const folded = new FoldedEvents((event) => (event as Load).key, 1, spec.preAggregation!.aggregate, withinThread);
  let harness = await OperatorHarness.open<unknown, Told>(spec, { guarantee: "exactly-once" });
  const goOn = () => {
    for (const { key, accumulator, count, time } of takenEntries(folded)) {
      harness.feed([{ key, value: accumulator, folded: count, ...timed(time) }]);
    }
    for (const result of harness.results().main!) told.set((result.value as Told).key, result);
  };
  for (const [index, { event, time, isTogether, isCut }] of steps.entries()) {
    if (isTogether) {
      const times = time === undefined ? undefined : [time];
      folded.route({ values: [event], times, keys: undefined }, 0, 1, [new BatchBuilder()]);
    } else {
      goOn();
      harness.feed([{ key: event.key, value: event, ...timed(time) }]);
    }
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

function timed(time: number | undefined): { readonly time?: number } {
  return time === undefined ? {} : { time };
}

describe.each(["batch", "end"] as const)("events that are put together before they come, told per %s", (emit) => {
  test.each([
    ["count", count({ emit })],
    ["aggregate", runningAggregate(weights, { emit })],
  ])("make the same %s as events one by one", async (_, spec) => {
    const load = fc.record({ key: fc.constantFrom("a", "b", "c"), weight: fc.nat(9) });
    const step = fc.record({ event: load, time: fc.nat(999), isTogether: fc.boolean(), isCut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step), fc.boolean(), fc.constantFrom(0, 100), async (drawn, hasTimes, keysMax) => {
        const steps = drawn.map((each) => ({ ...each, time: hasTimes ? each.time : undefined }));
        const oneByOne = steps.map((each) => ({ ...each, isTogether: false }));

        const told = await withObjectKeysMax(keysMax, () => toldOf(spec, steps));

        expect(told).toEqual(await toldOf(spec, oneByOne));
        for (const { time } of told.values()) expect(time !== undefined).toBe(hasTimes);
      }),
      { numRuns: 100, seed: 1 },
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
