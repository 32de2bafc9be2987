/**
 * The cases of windows from the test suites of other engines, in jobs under faults, with the guarantees that leave something open. Each result
 * is the ids of its events, so that none is lost or doubled unseen.
 *
 * - at-least-once: the last result of each window holds every event that it holds without a fault; some may be in it twice.
 * - at-most-once: a result holds events of its window and key, each once. Of one window each holds all that the one before it held, or, where the
 *   state was lost in between, nothing of what was told before.
 */

import { describe, expect, test } from "vitest";
import { type Aggregate, instanceOfKey, type Key, type Window } from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import { oneByOne } from "./fixtures/one-by-one.ts";
import { type SemanticsCase, semanticsCases } from "./fixtures/semantics-cases.ts";
import { type CaseWindowEvent, optionsOf, windowCaseItems, windowOf } from "./fixtures/window-case.ts";
import { crash } from "./simulation/fault.ts";
import type { PlannedFault } from "./simulation/fault-action.ts";
import { simulate } from "./simulation/simulate.ts";

/** An event, or a watermark. */
interface Item {
  readonly id: number;
  readonly event: CaseWindowEvent | undefined;
  readonly time: number;
  readonly watermark: number | undefined;
}

interface Result {
  readonly key?: Key;
  readonly window: Window;
  readonly value: readonly number[];
  readonly early?: true;
  readonly replaces?: readonly Window[];
}

const ids: Aggregate<Item, number[], readonly number[]> = {
  create: () => [],
  add: (ids, { id }) => [...ids, id],
  merge: (into, from) => [...into, ...from],
  finish: (ids) => ids,
};

/** What the faults have done in all cases together. */
const seen = { doubled: 0, lost: 0 };

const cases = semanticsCases("tumbling", "sliding", "session", "late", "trigger").filter((one) => {
  // Kafka has windows that are none of ours; a job has no times before 1970.
  return one.params.assigner !== "record-anchored sliding" && itemsOf(one).every(({ time }) => time >= 0);
});

describe.each(cases.map((one) => [one.id, one] as const))("%s", (_id, one) => {
  const items = itemsOf(one);
  const events = items.filter(({ event }) => event !== undefined);
  const key = one.params.keyed === false ? "" : events[0]!.event!.key;
  const ofKey = events.filter(({ event }) => one.params.keyed === false || event!.key === key).length;

  /** The middle of the events of one instance, and three quarters of everything that the source has. */
  const faultsOf = (parallelism: number): readonly PlannedFault[] => [
    crash("windows", instanceOfKey(key, parallelism)).after(Math.ceil(ofKey / 2)),
    crash("events").after(Math.ceil((3 * items.length) / 4)),
  ];

  async function run(guarantee: "at-least-once" | "at-most-once", parallelism: number, isHurt: boolean) {
    const faults = isHurt ? faultsOf(parallelism) : [];
    const simulation = await simulate(jobOf(one, items, parallelism), {
      ...{ seed: parallelism, faults, guarantee, epochInterval: 30, threads: 3 },
    });
    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    if (isHurt) expect(simulation.struck).toHaveLength(faults.length);
    const results = simulation.collected<Result>("results").filter(({ early }) => early === undefined);
    const late = simulation.collected<Item>("late").map(({ id }) => id);
    return { results, late: new Set(late) };
  }

  let expected: ReturnType<typeof run> | undefined;
  /** Without faults the guarantees and the parallelism make no difference. */
  const withoutFaults = () => {
    expected ??= run("at-least-once", 1, false);
    return expected;
  };
  const parallelisms = one.params.keyed === false ? [1] : [1, 4];

  test.each(parallelisms)("at-least-once, on %i instances, nothing is missing", async (parallelism) => {
    const expected = await withoutFaults();
    const found = await run("at-least-once", parallelism, true);

    const said = lastWords(one, found.results);
    for (const [window, held] of lastWords(one, expected.results)) {
      expect(said.get(window), window).toEqual(expect.arrayContaining([...held]));
    }
    expectOwnEvents(found.results, items);
    seen.doubled += found.results.filter(({ value }) => new Set(value).size < value.length).length;
  });

  test.each(parallelisms)("at-most-once, on %i instances, nothing is doubled", async (parallelism) => {
    const whole = await withoutFaults();
    const { results } = await run("at-most-once", parallelism, true);

    expectOwnEvents(results, items);
    const told = new Map<string, readonly number[][]>();
    for (const result of results) {
      const { value } = result;
      expect(new Set(value).size).toBe(value.length);
      const before = told.get(nameOf(result)) ?? [];
      const goesOn = !isDiscarding(one) && (before.at(-1) ?? []).every((id) => value.includes(id));
      const isNew = !before.flat().some((id) => value.includes(id));
      expect(goesOn || isNew, `${nameOf(result)}: ${JSON.stringify([...before, value])}`).toBe(true);
      told.set(nameOf(result), [...before, [...value]]);
    }
    const heldIn = (all: readonly Result[]) => new Set(all.flatMap(({ value }) => value)).size;
    if (heldIn(results) < heldIn(whole.results)) seen.lost += 1;
  });
});

test("the faults have doubled and lost events", () => {
  expect(seen.doubled).toBeGreaterThan(cases.length / 4);
  expect(seen.lost).toBeGreaterThan(cases.length / 2);
});

/** What each window holds at last, by its key and bounds, but for windows that have become part of others. */
function lastWords(one: SemanticsCase, results: readonly Result[]): ReadonlyMap<string, readonly number[]> {
  const words = new Map<string, readonly number[]>();
  for (const result of results) {
    for (const { start, end } of result.replaces ?? []) words.delete(nameOf({ ...result, window: { start, end } }));
    const before = isDiscarding(one) ? (words.get(nameOf(result)) ?? []) : [];
    words.set(nameOf(result), [...before, ...result.value]);
  }
  return words;
}

function expectOwnEvents(results: readonly Result[], items: readonly Item[]): void {
  for (const { key, window, value } of results) {
    const held = value.map((id) => items.find((item) => item.id === id)!);
    if (key !== undefined) expect(held.map(({ event }) => event!.key)).toEqual(value.map(() => key));
    expect(held.every(({ time }) => time >= window.start && time < window.end)).toBe(true);
  }
}

function isDiscarding(one: SemanticsCase): boolean {
  return optionsOf(one).panes === "discarding";
}

function nameOf({ key, window: { start, end } }: Pick<Result, "key" | "window">): string {
  return JSON.stringify([key ?? null, `${start}`, `${end}`]);
}

function itemsOf(one: SemanticsCase): readonly Item[] {
  return windowCaseItems(one).flatMap((item, id): Item[] => {
    if ("event" in item) return [{ id, event: item.event, time: item.time, watermark: undefined }];
    if (!("watermark" in item) || item.watermark === Number.POSITIVE_INFINITY) return [];
    return [{ id, event: undefined, time: 0, watermark: item.watermark }];
  });
}

function jobOf(one: SemanticsCase, items: readonly Item[], parallelism: number) {
  const windows = windowOf(one);
  const gap = windows.kind === "session" ? windows.gap : undefined;
  const ofItem = typeof gap === "function" ? { ...windows, gap: ({ event }: Item) => gap(event!) } : windows;
  return defineJob("cases", (job) => {
    const events = job
      .source("items", oneByOne(items))
      .eventTime("times", { time: ({ time }) => time, watermark: ({ watermark }) => watermark })
      .filter("events", ({ event }) => event !== undefined);
    const options = { ...optionsOf(one), parallelism };
    const assigner = ofItem as typeof ofItem & { gap: number };
    const results =
      one.params.keyed === false
        ? events.window("windows", assigner, ids, options)
        : events.keyBy(({ event }) => event!.key).window("windows", assigner, ids, options);
    results.collect("results");
    results.late().collect("late");
  });
}
