/**
 * The cases of windows from the test suites of other engines: on the operator, as it is, thrown away and made again from its state at
 * every item, and in micro-batches; and in jobs, on one instance and on four, whose process is killed, in micro-batches, and under each
 * guarantee.
 */

import { describe, expect, test } from "vitest";
import {
  encodeDelta,
  entriesOf,
  type Key,
  mergedDelta,
  mergedState,
  microBatch,
  type Window,
  windowOperator,
} from "../actors/index.ts";

import { VirtualClock } from "../runtime/index.ts";
import { defineJob } from "./define-job.ts";
import { oneByOne } from "./fixtures/one-by-one.ts";
import { type SemanticsCase, semanticsCases } from "./fixtures/semantics-cases.ts";
import {
  aggregateOf,
  type CaseWindowEvent,
  optionsOf,
  type WindowCaseItem,
  windowCaseItems,
  windowOf,
} from "./fixtures/window-case.ts";
import type { OperatorOptions } from "./operator-options.ts";
import { killProcess } from "./simulation/fault.ts";
import { simulate } from "./simulation/simulate.ts";
import { OperatorHarness } from "./testing/index.ts";

interface Result {
  readonly key?: Key;
  readonly window: Window;
  readonly value: unknown;
  readonly early?: true;
  readonly replaces?: readonly Window[];
}

/** A result, the input item that made it come out, and whether that was an event. */
interface Seen extends Result {
  readonly after: number;
  readonly byEvent: boolean;
}

/** Kafka has windows that end and begin with each event, which are none of ours. */
const notOurs = (one: SemanticsCase) => one.params.assigner === "record-anchored sliding";
/** By Kafka's own test its store merges what is over; the case says what a watermark gives. */
const overInTheStore = "kafka-session-bridge";

const cases = semanticsCases("tumbling", "sliding", "session", "late", "trigger", "processing-time").filter(
  (one) => !notOurs(one) && one.id !== overInTheStore,
);

describe.each(cases.map((one) => [one.id, one] as const))("%s", (_id, one) => {
  test.each(["native", "restored at every item", "in micro-batches"] as const)("%s", async (mode) => {
    const { seen, late } = await run(one, windowCaseItems(one), mode);

    expectResults(one, seen);
    if (one.dropped !== undefined) expect(late).toEqual(one.dropped.map((index) => valueAt(one, index)));
  });
});

test("an event that would bridge to a session that is over does not", async () => {
  const one = semanticsCases("session").find(({ id }) => id === overInTheStore)!;

  const { seen } = await run(one, windowCaseItems(one), "native");

  const last = new Map(seen.map(({ window, value }) => [window.start, value]));
  expect(last).toEqual(
    new Map([
      [0, 1],
      [300_001, 1],
      [150_000, 2],
    ]),
  );
  expect(seen.at(-1)?.replaces).toMatchObject([{ start: 300_001 }]);
});

/** A job has no times before 1970, and its clock goes on by itself. */
const inJobs = cases.filter(
  (one) => one.kind !== "processing-time" && windowCaseItems(one).every((item) => !("time" in item) || item.time >= 0),
);

describe.each(inJobs.map((one) => [one.id, one] as const))("in a job, %s", (_id, one) => {
  const items = windowCaseItems(one);
  const end = { index: one.input.length, watermark: Number.POSITIVE_INFINITY };
  const manyInstances = one.params.keyed === false ? 1 : 4;

  test.each([
    { guarantee: "exactly-once", parallelism: 1, kills: true },
    { guarantee: "exactly-once", parallelism: manyInstances, kills: true },
    { guarantee: "exactly-once", parallelism: manyInstances, kills: true, microBatch: { interval: "2ms" } },
    { guarantee: "at-least-once", parallelism: manyInstances, kills: false },
    { guarantee: "at-most-once", parallelism: manyInstances, kills: false },
  ] as const)("%j", async ({ guarantee, parallelism, kills, ...options }) => {
    const expected = await run(one, [...items, end], "native");

    const simulation = await simulate(jobOf(one, items, { parallelism, ...options }), {
      seed: parallelism,
      // Amid the items, also where they are few.
      faults: kills ? [killProcess().at(50)] : [],
      guarantee,
      epochInterval: 5,
    });

    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    if (kills && items.flatMap(jobItem).length > 3) expect(simulation.struck).toHaveLength(1);
    const found = simulation.collected<Result>("results");
    const plain = expected.seen.map(({ after, byEvent, ...result }) => result);
    expect(found.toSorted(byText)).toEqual(plain.toSorted(byText));
    const late = simulation.collected<CaseItem>("late").map(({ event }) => event?.value);
    expect(late).toEqual(expected.late);
  });
});

async function run(
  one: SemanticsCase,
  items: readonly WindowCaseItem[],
  mode: "native" | "restored at every item" | "in micro-batches",
): Promise<{ readonly seen: readonly Seen[]; readonly late: readonly unknown[] }> {
  const isKeyed = one.params.keyed !== false;
  const native = windowOperator(windowOf(one), aggregateOf(one), optionsOf(one), isKeyed);
  const spec = mode === "in micro-batches" ? microBatch(native, { interval: "1h" }) : native;
  const clock = new VirtualClock(0);
  let harness = await OperatorHarness.open<CaseWindowEvent, Result>(spec, { clock, guarantee: "exactly-once" });
  const deltas: Uint8Array[] = [];
  const seen: Seen[] = [];
  const late: unknown[] = [];
  let taken = 0;
  let takenLate = 0;
  const take = (after: number, byEvent: boolean) => {
    const results = harness.values();
    for (const result of results.slice(taken)) seen.push({ ...result, after, byEvent });
    taken = results.length;
    const lateNow = harness.results()["late"]!;
    late.push(...lateNow.slice(takenLate).map(({ value }) => (value as CaseWindowEvent).value));
    takenLate = lateNow.length;
  };

  for (const item of items) {
    const { index } = item;
    if (mode === "restored at every item" || "restore" in item) {
      deltas.push(encodeDelta("window", await harness.barrier(deltas.length + 1)));
      const entries = entriesOf(mergedState([mergedDelta("window", deltas, true)]));
      const restore = { entries, epoch: deltas.length };
      harness = await OperatorHarness.open(spec, { clock, guarantee: "exactly-once", restore });
      [taken, takenLate] = [0, 0];
      await harness.step();
    }
    if ("clockMs" in item) await harness.advance(item.clockMs - clock.wallMs());
    else if ("watermark" in item) harness.watermark(item.watermark);
    else if ("event" in item) {
      const { event, time } = item;
      harness.feed([{ value: event, time, ...(isKeyed ? { key: event.key } : {}) }]);
    }
    // A barrier ends a batch.
    if (mode === "in micro-batches") deltas.push(encodeDelta("window", await harness.barrier(deltas.length + 1)));
    take(index, "event" in item);
  }
  return { seen, late };
}

/** What a job is given of an item; those that are watermarks are no events of the windows. */
interface CaseItem {
  readonly event: CaseWindowEvent | undefined;
  readonly time: number;
  readonly watermark: number | undefined;
}

function jobOf(one: SemanticsCase, items: readonly WindowCaseItem[], given: OperatorOptions) {
  const windows = windowOf(one);
  const inner = aggregateOf(one);
  const aggregate = {
    create: () => inner.create(),
    add: (state: unknown, { event }: CaseItem, time?: number) => inner.add(state, event!, time),
    ...(inner.merge === undefined ? {} : { merge: inner.merge }),
    finish: (state: unknown) => inner.finish(state),
  };
  const ofEvent =
    windows.kind === "session" && typeof windows.gap === "function"
      ? { ...windows, gap: ({ event }: CaseItem) => (windows.gap as (event: CaseWindowEvent) => number)(event!) }
      : (windows as typeof windows & { gap: number });
  return defineJob("cases", (job) => {
    const events = job
      .source("items", oneByOne(items.flatMap(jobItem)))
      .eventTime("times", { time: ({ time }) => time, watermark: ({ watermark }) => watermark })
      .filter("events", ({ event }) => event !== undefined);
    const options = { ...optionsOf(one), ...given };
    const results =
      one.params.keyed === false
        ? events.window("windows", ofEvent, aggregate, options)
        : events.keyBy(({ event }) => event!.key).window("windows", ofEvent, aggregate, options);
    results.collect("results");
    results.late().collect("late");
  });
}

function jobItem(item: WindowCaseItem): CaseItem[] {
  if ("watermark" in item)
    return item.watermark === Number.POSITIVE_INFINITY
      ? []
      : [{ event: undefined, time: 0, watermark: item.watermark }];
  return "event" in item ? [{ event: item.event, time: item.time, watermark: undefined }] : [];
}

function valueAt({ input }: SemanticsCase, index: number): unknown {
  return (input[index] as { readonly value: unknown }).value;
}

/** Compares what came out, at which item, with what the case expects, in its own notation. */
function expectResults(one: SemanticsCase, seen: readonly Seen[]): void {
  const { params, expected } = one;
  const isUpdates = params.emit === "every update";
  const counted = (
    isUpdates
      ? withRetractions(
          one,
          seen.filter(({ byEvent }) => byEvent),
        )
      : seen
  ).filter(({ window }) => params.clock === undefined || params.assigner !== "sliding" || window.start >= 0);
  const found = counted.map((result) => ({
    after: result.after,
    key: result.key ?? null,
    windowStart: finite(result.window.start),
    windowEnd: finite(
      result.window.end - (params.assigner === "session" && params.clock ? (params.gap as number) + 1 : 0),
    ),
    value: result.value,
  }));
  if (expected.some(({ pane }) => pane !== undefined)) return expectPanes(one, found);
  expect(found.toSorted(byText)).toEqual(
    expected
      .map(({ after, key = null, windowStart, windowEnd, value }) => ({ after, key, windowStart, windowEnd, value }))
      .toSorted(byText),
  );
}

/** The first and the last pane of a window are said; between them there may be others. */
function expectPanes({ expected, input }: SemanticsCase, found: readonly { after: number; value: unknown }[]): void {
  for (const { after, by = input.length, value, pane, windowStart, windowEnd, key } of expected) {
    const result = pane === "final" ? found.at(-1) : found.find((one) => one.after === after);
    expect(result).toMatchObject({ value, windowStart, windowEnd, key });
    expect(result!.after).toBeLessThanOrEqual(by);
  }
}

/** Kafka takes the result of a session back before it tells another one for it. */
function withRetractions({ params }: SemanticsCase, seen: readonly Seen[]): Seen[] {
  if (params.assigner !== "session") return [...seen];
  const told = new Set<string>();
  return seen.flatMap((result) => {
    const nameOf = ({ start, end }: Window) => `${result.key} ${start} ${end}`;
    const own = told.has(nameOf(result.window)) ? [result.window] : [];
    told.add(nameOf(result.window));
    return [...own, ...(result.replaces ?? [])]
      .map((window): Seen => ({ ...result, window, value: null }))
      .concat(result);
  });
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}

function byText(left: object, right: object): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
