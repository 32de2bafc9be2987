/**
 * The window operator against windows that follow their rules without any art: random streams with disorder, late events, equal times and
 * idle inputs, on one to four instances that are thrown away and made again from their states, also with another parallelism.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Aggregate } from "../aggregates/aggregate.ts";
import { aggregate } from "../aggregates/aggregate-record.ts";
import { collect } from "../aggregates/collected.ts";
import type { Key } from "../batch.ts";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import { firstStart } from "./aligned-windows.ts";
import { CalendarWindows } from "./calendar-windows.ts";
import { type EndlessRules, NaiveEndlessWindows } from "./fixtures/naive-endless-windows.ts";
import {
  type NaiveEvent,
  NaiveFixedWindows,
  type NaiveResult,
  type NaiveRules,
  NaiveSessions,
  type NaiveWindows,
} from "./fixtures/naive-windows.ts";
import { spreadKeys, WindowInstances } from "./fixtures/window-instances.ts";
import { atEnd, every } from "./trigger.ts";
import {
  type AlignedAssigner,
  calendar,
  counting,
  global,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
} from "./window-assigner.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowOptions } from "./window-options.ts";

type Step =
  | { readonly kind: "event"; readonly event: NaiveEvent }
  | { readonly kind: "watermark"; readonly behind: number; readonly isIdle: boolean }
  | { readonly kind: "restart"; readonly parallelism: number };

/** The ids of events, in order, so that nothing is lost or doubled unseen. */
const merging: Aggregate<NaiveEvent, number[], readonly number[]> = {
  create: () => [],
  add: (ids, { id }) => {
    ids.push(id);
    return ids;
  },
  merge: (into, from) => {
    into.push(...from);
    return into;
  },
  finish: (ids) => ids.toSorted((left, right) => left - right),
};
const { merge: _, ...plain } = merging;

const base = 1_000;
const steps = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant("event" as const),
        event: fc.record({
          key: fc.constantFrom<Key>(...spreadKeys),
          id: fc.constant(0),
          time: fc.integer({ min: 0, max: 25 }),
        }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("watermark" as const),
        behind: fc.integer({ min: -5, max: 20 }),
        isIdle: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("restart" as const), parallelism: fc.integer({ min: 1, max: 4 }) }),
    },
  ),
  // Without a size scripts have four steps in the middle.
  { maxLength: 70, size: "max" },
);

/** Event times come in any order within a range that moves on with the events, from before 1970 on. */
function script(steps: readonly Step[], stride: number): readonly Step[] {
  let newest = -base;
  let ids = 0;
  return steps.map((step) => {
    if (step.kind !== "event") return step;
    ids += 1;
    const time = -base + Math.floor(ids * stride) + step.event.time;
    newest = Math.max(newest, time);
    return { kind: "event", event: { ...step.event, id: ids, time } };
  });
}

const rules: fc.Arbitrary<NaiveRules> = fc
  .record({
    allowedLatenessMs: fc.constantFrom(0, 0, 3, 15),
    discards: fc.boolean(),
    early: fc.constantFrom(
      {},
      { earlyEvents: 1 },
      { earlyEvents: 3 },
      { earlyMs: 1 },
      { earlyMs: 20 },
      { earlyMs: 20 },
    ),
  })
  .map(({ early, ...rules }) => ({ ...rules, ...early }));

/** Windows of more keys are packed: of all, of some, or none, by how many steps there are. */
const objectKeys = [0, 0.5, 2, 100];

function expectSame(
  own: readonly [WindowAssigner<NaiveEvent>, WindowOptions],
  aggregate: Aggregate<NaiveEvent, unknown, unknown>,
  naive: NaiveWindows,
  steps: readonly Step[],
  isFolded = false,
): Promise<WindowInstances> {
  const keysMax = objectKeys[steps.length % objectKeys.length]!;
  return withObjectKeysMax(keysMax, () => runAsNaive(own, aggregate, naive, steps, isFolded));
}

async function runAsNaive(
  [assigner, options]: readonly [WindowAssigner<NaiveEvent>, WindowOptions],
  aggregate: Aggregate<NaiveEvent, unknown, unknown>,
  naive: NaiveWindows,
  steps: readonly Step[],
  isFolded: boolean,
): Promise<WindowInstances> {
  const instances = new WindowInstances(windowOperator(assigner, aggregate, options), undefined, isFolded);
  await instances.start(1);
  let newest = -base;
  let watermark = Number.NEGATIVE_INFINITY;
  // Of half of the scripts the events that follow each other are batches.
  const batchMax = steps.length % 8 < 4 ? 1 : 100;
  let together: NaiveEvent[] = [];
  const feedTogether = () => {
    instances.feedTogether(together);
    together = [];
  };
  for (const step of [...steps, { kind: "watermark", behind: Number.NEGATIVE_INFINITY, isIdle: false } as const]) {
    if (step.kind === "event") {
      newest = Math.max(newest, step.event.time);
      together.push(step.event);
      if (together.length === batchMax) feedTogether();
      naive.add(step.event);
      continue;
    }
    feedTogether();
    if (step.kind === "watermark") {
      watermark = Math.max(watermark, newest - step.behind);
      instances.watermark(watermark, step.isIdle);
      naive.advance(watermark);
      await instances.barrier();
    } else {
      await instances.restart(step.parallelism);
    }
  }
  instances.take();
  expect(sorted(instances.results)).toEqual(sorted(naive.results));
  // Of those that were put together only their number is told.
  if (isFolded) expect(instances.late).toHaveLength(naive.late.length);
  else expect(instances.late.toSorted(byNumber)).toEqual(naive.late.toSorted(byNumber));
  return instances;
}

const fixed: Readonly<Record<string, AlignedAssigner>> = {
  tumbling: tumbling(10, { offset: 3 }),
  "sliding in panes": sliding(12, 4),
  "sliding by a slide that does not divide": sliding(10, 4, { offset: -1 }),
  "sliding by 1": sliding(9, 1),
  "sliding with gaps": sliding(4, 9, { offset: 2 }),
};

for (const [name, assigner] of Object.entries(fixed)) {
  const windowsOf = (time: number) => {
    const { sizeMs, slideMs } = assigner;
    const windows = [];
    for (let start = firstStart(time, assigner); start <= time; start += slideMs)
      windows.push({ start, end: start + sizeMs });
    return windows;
  };
  test.each([
    ["that can merge", merging],
    ["that cannot", plain],
  ])(`${name}, with an aggregate %s`, async (_kind, aggregate) => {
    await fc.assert(
      fc.asyncProperty(steps, rules, fc.constantFrom(0.1, 1, 7), async (drawn, rules, stride) => {
        await expectSame(
          [assigner, optionsOf(rules)],
          aggregate,
          new NaiveFixedWindows(windowsOf, rules),
          script(drawn, stride),
        );
      }),
      { numRuns: 30, seed: 1 },
    );
  });
}

test.each([...Object.keys(fixed), "calendar"])("%s, of events that are put together before they come", async (name) => {
  const days = new CalendarWindows("day", "America/Sao_Paulo");
  const assigner = fixed[name] ?? calendar("day", "America/Sao_Paulo");
  const windowsOf = (time: number) => {
    const found = [];
    if (assigner.kind === "calendar") return [days.at(time)];
    for (let start = firstStart(time, assigner); start <= time; start += assigner.slideMs)
      found.push({ start, end: start + assigner.sizeMs });
    return found;
  };
  const toldOnce = rules.filter(({ earlyEvents }) => earlyEvents === undefined);
  let foldedCount = 0;

  await fc.assert(
    fc.asyncProperty(steps, toldOnce, fc.constantFrom(0.1, 1, 7), async (drawn, { discards, earlyMs }, stride) => {
      const rules = { allowedLatenessMs: 0, discards, ...(earlyMs === undefined ? {} : { earlyMs }) };
      const naive = new NaiveFixedWindows(windowsOf, rules);
      const own: readonly [WindowAssigner<NaiveEvent>, WindowOptions] = [assigner, optionsOf(rules)];
      const instances = await expectSame(own, merging, naive, script(drawn, stride), true);
      foldedCount += instances.foldedCount;
    }),
    { numRuns: 40, seed: 1 },
  );

  expect(foldedCount).toBeGreaterThan(500);
});

test.each<[string, WindowAssigner<NaiveEvent>, Aggregate<NaiveEvent, unknown, unknown>, WindowOptions]>([
  ["the author says so", tumbling(10), merging, { preAggregate: false }],
  ["a late event makes a result of its own", tumbling(10), merging, { allowedLateness: 1 }],
  ["so many events make a result", tumbling(10), merging, { early: every(3) }],
  ["an aggregate cannot merge", tumbling(10), plain, {}],
  ["an event more than a limit is refused", tumbling(10), collect(), {}],
  ["one of several cannot", tumbling(10), aggregate({ all: merging, few: collect() }), {}],
  ["two of several may refuse an event", tumbling(10), aggregate({ all: merging, again: merging }), {}],
  ["windows are as long as events come", session(10), merging, {}],
  ["windows count events", counting(3), merging, {}],
  ["windows have no end", global(every("10ms")), merging, {}],
])("events are sent one by one where %s", (_why, assigner, aggregate, options) => {
  expect(windowOperator(assigner, aggregate, options).preAggregation).toBeUndefined();
});

test("whether events may be put together is said by true or false", () => {
  expect(() => windowOperator(tumbling(10), merging, { preAggregate: "no" as never })).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining("window: preAggregate") }),
  );
});

test.each(["day", "week", "month"] as const)("%ss of a time zone", async (unit) => {
  const days = new CalendarWindows(unit, "America/Sao_Paulo");
  // Months are passed, too.
  const stride = { day: 3, week: 20, month: 60 }[unit];
  const toHours = (steps: readonly Step[]): Step[] =>
    script(steps, stride).map((step) => {
      return step.kind === "event" ? { ...step, event: { ...step.event, time: step.event.time * 3_600_000 } } : step;
    });
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const rules = { allowedLatenessMs: 0, discards: false };
      const naive = new NaiveFixedWindows((time) => [days.at(time)], rules);
      await expectSame([calendar(unit, "America/Sao_Paulo"), {}], merging, naive, toHours(drawn));
    }),
    { numRuns: 20, seed: 1 },
  );
});

/** Half of them tell nothing early. */
const sessionRules = fc.oneof(rules, fc.record({ allowedLatenessMs: fc.constantFrom(0, 3), discards: fc.boolean() }));

test.each([
  ["apart", 4],
  ["merge", 4],
  ["apart", 1],
  ["apart", ({ id }: NaiveEvent) => 1 + (id % 5)],
  ["merge", ({ id }: NaiveEvent) => 1 + (id % 5)],
] as const)("sessions, those that touch: %s, gap %s", async (touching, gap) => {
  await fc.assert(
    fc.asyncProperty(steps, sessionRules, fc.constantFrom(0.5, 3), async (drawn, rules, stride) => {
      const naive = new NaiveSessions(gap, touching === "merge", rules);
      await expectSame([session(gap as number, { touching }), optionsOf(rules)], merging, naive, script(drawn, stride));
    }),
    { numRuns: 80, seed: 1 },
  );
});

test.each<[string, WindowAssigner<NaiveEvent>, Omit<EndlessRules, "discards">]>([
  ["of 1 event", counting(1), { events: 1, isCounting: true }],
  ["of 4 events", counting(4), { events: 4, isCounting: true }],
  ["told every 3 events", global(every(3)), { events: 3, isCounting: false }],
  ["told at the end", global(atEnd()), { isCounting: false }],
  ["told every 10 ms", global(every("10ms", { time: "event" })), { intervalMs: 10, isCounting: false }],
])("windows without an end, %s", async (_, assigner, rules) => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), fc.constantFrom(0.5, 3), async (drawn, discards, stride) => {
      const naive = new NaiveEndlessWindows({ ...rules, discards });
      const options: WindowOptions = { panes: discards ? "discarding" : "accumulating" };
      await expectSame([assigner, options], merging, naive, script(drawn, stride));
    }),
    { numRuns: 30, seed: 1 },
  );
});

function optionsOf({ allowedLatenessMs, discards, earlyEvents, earlyMs }: NaiveRules): WindowOptions {
  return {
    allowedLateness: allowedLatenessMs,
    panes: discards ? "discarding" : "accumulating",
    ...(earlyEvents === undefined ? {} : { early: every(earlyEvents) }),
    ...(earlyMs === undefined ? {} : { early: every(`${earlyMs}ms`) }),
  };
}

function sorted(results: readonly NaiveResult[]): readonly string[] {
  return results.map((result) => JSON.stringify(result, Object.keys(result).concat(["start", "end"]).sort())).sort();
}

function byNumber(left: number, right: number): number {
  return left - right;
}
