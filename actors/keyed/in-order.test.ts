import fc from "fast-check";
import { expect, test } from "vitest";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta } from "../epochs/state-delta.ts";
import type { OperatorSpec } from "../operator.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { inOrder, type Numbered, numbered } from "./in-order.ts";

interface Event {
  readonly key: string;
  readonly id: number;
  readonly time: number;
}

type Step = { readonly event: Event } | { readonly watermark: number };

const eventStep = fc.record({ key: fc.constantFrom("a", "b"), time: fc.integer({ min: 0, max: 40 }) });
const steps = fc
  .array(fc.oneof({ weight: 3, arbitrary: eventStep }, fc.record({ further: fc.integer({ min: 1, max: 15 }) })), {
    maxLength: 40,
  })
  .map((drawn) => {
    let watermark = -1;
    return drawn.map((step, id): Step => {
      if ("further" in step) {
        watermark += step.further;
        return { watermark };
      }
      return { event: { ...step, id } };
    });
  });

/** What it puts out, and what is late, by key; restarted from its state behind every step where that is asked for. */
async function run(spec: OperatorSpec, given: readonly Step[], restarts: boolean) {
  const deltas: Uint8Array[] = [];
  const open = () =>
    OperatorHarness.open(spec, {
      guarantee: "exactly-once",
      restore: { entries: mergedEntries(deltas), epoch: deltas.length },
    });
  let harness = await open();
  const results: { value: unknown; time: number | undefined }[] = [];
  const late: unknown[] = [];
  const take = () => {
    results.push(...harness.results().main!);
    late.push(...harness.results().late!.map(({ value }) => value));
  };
  for (const step of given) {
    if ("watermark" in step) harness.watermark(step.watermark);
    else harness.feed([{ value: step.event, key: step.event.key, time: step.event.time }]);
    if (!restarts) continue;
    take();
    deltas.push(encodeDelta("under test", await harness.barrier(deltas.length + 1)));
    const { watermarkTime } = harness.context;
    harness = await open();
    harness.context.watermarkTime = watermarkTime;
  }
  await harness.end();
  take();
  return { results, late };
}

test.each([false, true])("each event that is not late leaves once, in its turn; restarted: %s", async (restarts) => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const { results, late } = await run(inOrder(), given, restarts);

      const accepted: Event[] = [];
      const behind: Event[] = [];
      let watermark = Number.NEGATIVE_INFINITY;
      for (const step of given) {
        if ("watermark" in step) watermark = step.watermark;
        else if (step.event.time <= watermark) behind.push(step.event);
        else accepted.push(step.event);
      }
      for (const wanted of ["a", "b"]) {
        const found = results.map(({ value }) => value as Event).filter(({ key }) => key === wanted);
        const inTurn = accepted.filter(({ key }) => key === wanted).toSorted((left, right) => left.time - right.time);
        expect(found).toEqual(inTurn);
      }
      expect(late).toEqual(behind);
      for (const { value, time } of results) expect(time).toBe((value as Event).time);
    }),
    { numRuns: restarts ? 40 : 150 },
  );
});

test("an event leaves with the watermark that comes to its time, and not before", async () => {
  const harness = await OperatorHarness.open<string, string>(inOrder());
  harness.feed([
    { value: "second", key: "k", time: 20 },
    { value: "first", key: "k", time: 10 },
  ]);
  const left: string[][] = [];
  for (const watermark of [9, 10, 19, 20]) {
    harness.watermark(watermark);
    left.push(harness.values());
  }

  expect(left).toEqual([[], ["first"], ["first"], ["first", "second"]]);
});

test("numbers go on from one watermark to the next; events of one time share their ranks", async () => {
  const given: Step[] = [10, 20, 20, 30].map((time, id) => ({ event: { key: "a", id, time } }));
  const { results } = await run(numbered(), [...given.slice(0, 2), { watermark: 15 }, ...given.slice(2)], true);

  const places = results.map(({ value }) => value as Numbered<Event>);
  expect(places.map(({ event, number, rank, denseRank }) => [event.id, number, rank, denseRank])).toEqual([
    [0, 1, 1, 1],
    [1, 2, 2, 2],
    [2, 3, 2, 2],
    [3, 4, 4, 3],
  ]);
});

test("an event without a time, and one more than may wait, are given up", async () => {
  const harness = await OperatorHarness.open<number>(inOrder({ waitingMax: 2 }));
  harness.feed([
    { value: 1, key: "k", time: 10 },
    { value: 2, key: "k", time: 11 },
    { value: 3, key: "k", time: 12 },
    { value: 4, key: "other", time: 12 },
  ]);
  harness.feed([{ value: 5, key: "k" }]);

  expect(harness.deadLetters).toMatchObject([
    { value: 3, error: { code: "ERR_ACT_WAITING" } },
    { value: 5, error: { code: "ERR_ACT_EVENT_TIME" } },
  ]);
  harness.watermark(100);
  expect(harness.values().toSorted()).toEqual([1, 2, 4]);
});

test.each([0, 1.5, 1_000_001])("the limit %d is refused", (waitingMax) => {
  expect(() => inOrder({ waitingMax })).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});
