/**
 * Windows whose instances had not come equally far when their parallelism changed, as by clocks of their own, or where barriers reach them at
 * different points of event time: each key goes on from where it was.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import { instanceOfKey } from "../groupings/key-hash.ts";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import {
  type NaiveEvent,
  NaiveFixedWindows,
  type NaiveResult,
  NaiveSessions,
  type NaiveWindows,
} from "./fixtures/naive-windows.ts";
import { spreadKeys, WindowInstances } from "./fixtures/window-instances.ts";
import { every } from "./trigger.ts";
import { session, sliding, tumbling, type WindowAssigner } from "./window-assigner.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowOptions } from "./window-options.ts";

const ids: Aggregate<NaiveEvent, number[], readonly number[]> = {
  create: () => [],
  add: (ids, { id }) => [...ids, id],
  merge: (into, from) => [...into, ...from],
  finish: (ids) => ids.toSorted((left, right) => left - right),
};
/** Keeps overlapping windows one by one. */
const { merge: _, ...apart } = ids;

type Step =
  | { readonly kind: "event"; readonly key: Key; readonly time: number }
  | { readonly kind: "watermark"; readonly ahead: number; readonly lags: readonly number[] }
  | { readonly kind: "restart"; readonly parallelism: number };

const steps = fc.array(
  fc.oneof<[fc.WeightedArbitrary<Step>, fc.WeightedArbitrary<Step>, fc.WeightedArbitrary<Step>]>(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("event"),
        key: fc.constantFrom<Key>(...spreadKeys),
        time: fc.integer({ min: -12, max: 12 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("watermark"),
        ahead: fc.integer({ min: 0, max: 6 }),
        lags: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 4, maxLength: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("restart"), parallelism: fc.integer({ min: 1, max: 4 }) }),
    },
  ),
  { maxLength: 60, size: "max" },
);

const fixed = (sizeMs: number, slideMs: number) => (allowedLatenessMs: number) => {
  const windowsOf = (time: number) => {
    const last = Math.floor(time / slideMs) * slideMs;
    const starts = Array.from({ length: Math.ceil(sizeMs / slideMs) }, (_, index) => last - index * slideMs);
    return starts.filter((start) => start > time - sizeMs).map((start) => ({ start, end: start + sizeMs }));
  };
  return new NaiveFixedWindows(windowsOf, { allowedLatenessMs, discards: false });
};
const sessions = (allowedLatenessMs: number) => new NaiveSessions(4, false, { allowedLatenessMs, discards: false });

test.each<
  [string, WindowAssigner<NaiveEvent>, Aggregate<NaiveEvent, number[], unknown>, (lateness: number) => NaiveWindows]
>([
  ["tumbling", tumbling(7), ids, fixed(7, 7)],
  ["sliding in panes", sliding(12, 4), ids, fixed(12, 4)],
  ["sliding by 1", sliding(5, 1), ids, fixed(5, 1)],
  ["sliding, kept one by one", sliding(10, 4), apart, fixed(10, 4)],
  ["session", session(4), ids, sessions],
])("%s", async (_name, assigner, aggregate, naiveOf) => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.constantFrom(0, 0, 3, 15),
      fc.constantFrom(0, 2, 100),
      async (steps, allowedLateness, keysMax) => {
        await withObjectKeysMax(keysMax, () => rescale(steps, allowedLateness));
      },
    ),
    { numRuns: 150, seed: 1 },
  );

  async function rescale(steps: readonly Step[], allowedLateness: number): Promise<void> {
    const instances = new WindowInstances(windowOperator(assigner, aggregate, { allowedLateness }));
    await instances.start(2);
    const naive = new Map(spreadKeys.map((key) => [key, { windows: naiveOf(allowedLateness), now: -1_000 }]));
    let parallelism = 2;
    let newest = 0;
    let id = 0;
    for (const step of steps) {
      if (step.kind === "event") {
        id += 1;
        const event = { key: step.key, id, time: newest + step.time };
        newest = Math.max(newest, event.time - 6);
        instances.feed(event);
        naive.get(step.key)!.windows.add(event);
      } else if (step.kind === "watermark") {
        const time = newest + step.ahead;
        instances.watermark(time, false, step.lags);
        for (const [key, one] of naive) advance(one, time - step.lags[instanceOfKey(key, parallelism)]!);
      } else {
        parallelism = step.parallelism;
        await instances.restart(parallelism);
      }
    }
    instances.watermark(newest + 100, false);
    for (const one of naive.values()) advance(one, newest + 100);
    instances.take();
    const expected = [...naive.values()].map(({ windows }) => windows);
    expect(texts(instances.results)).toEqual(texts(expected.flatMap(({ results }) => results)));
    const late = expected.flatMap(({ late }) => late);
    expect(instances.late.toSorted(byNumber)).toEqual(late.toSorted(byNumber));
  }
});

test.each([tumbling(10), sliding(10, 5)])(
  "a key that is ahead is late also behind an event of another key in the same window: %j",
  async (assigner) => {
    const instances = new WindowInstances(windowOperator(assigner, ids));
    await instances.start(2);
    instances.watermark(30, false, [30, 0]);
    await instances.restart(1);

    for (const [id, key] of ["a", "d", "a"].entries()) instances.feed({ key, id, time: 5 });

    instances.take();
    expect(instances.late).toEqual([1]);
  },
);

test.each<[string, WindowAssigner<NaiveEvent>, WindowOptions]>([
  ["in panes", sliding(40, 10), {}],
  ["with early results", sliding(40, 10), { early: every(2) }],
  ["tumbling", tumbling(40), {}],
])(
  "windows by the clock tell each result once, though one instance had come further: %s",
  async (_, assigner, options) => {
    const clocks: VirtualClock[] = [];
    const spec = windowOperator(assigner, ids, { ...options, time: "processing" });
    let startMs = 100;
    const instances = new WindowInstances(spec, () => {
      clocks.push(new VirtualClock(startMs));
      return clocks.at(-1)!;
    });
    const told = () => texts(instances.results.filter((result) => !("early" in result)));
    await instances.start(2);
    for (const [index, key] of spreadKeys.entries()) instances.feed({ key, id: index, time: 0 });
    // The clock of the second instance alone passes the ends of windows.
    await instances.of(0).advance(25);
    startMs = 130;
    await instances.restart(1);
    await instances.harnesses[0]!.advance(0);
    await instances.restart(4);
    for (const harness of instances.harnesses) await harness.advance(200);
    instances.take();

    const whole = new WindowInstances(spec, () => new VirtualClock(100));
    await whole.start(1);
    for (const [index, key] of spreadKeys.entries()) whole.feed({ key, id: index, time: 0 });
    await whole.harnesses[0]!.advance(300);
    whole.take();
    expect(told()).toEqual(texts(whole.results.filter((result) => !("early" in result))));
  },
);

function advance(one: { readonly windows: NaiveWindows; now: number }, now: number): void {
  if (now <= one.now) return;
  one.now = now;
  one.windows.advance(now);
}

function texts(results: readonly NaiveResult[]): readonly string[] {
  return results.map((result) => JSON.stringify(result, Object.keys(result).concat(["start", "end"]).sort())).sort();
}

function byNumber(left: number, right: number): number {
  return left - right;
}
