/** Who starts over when an operator fails, and who keeps running. */

import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulate } from "../simulation/simulate.ts";
import type { Guarantee } from "./guarantee.ts";

const eventsPerSecond = 100;

interface Trouble {
  readonly guarantee: Guarantee;
  /** Which operator fails, once at each of these events. */
  readonly where: string;
  readonly at: readonly number[];
  /** Whether the sources find their way back at little cost. */
  readonly seeks?: boolean;
}

/**
 * Two sources, merged; a fork whose branches meet again; and a sink of its own on each way. The sinks are on the calling thread,
 * everything else is on one other. How often each started over, by the heads of chains: operators behind one in its chain start
 * over with it.
 *
 *   left, right > merged > fails > counted > sum
 *                        > beside          > other
 */
async function restartsOf({ guarantee, where, at, seeks = true }: Trouble): Promise<Readonly<Record<string, number>>> {
  const failed = new Set<number>();
  const passed = (operator: string, event: number): number => {
    if (operator === where && at.includes(event) && !failed.has(event)) {
      failed.add(event);
      throw new RangeError("once");
    }
    return event;
  };
  const half = (remainder: number) => {
    const from = (index: number) => 2 * index + remainder;
    return { ...generate({ count: 1_000, rate: eventsPerSecond / 2, from }), seeks };
  };
  const job = defineJob("neighbours", (builder) => {
    builder.supervision({ backoff: { min: 0, max: 0 } });
    const merged = builder
      .source("left", half(0))
      .union(builder.source("right", half(1)))
      .shuffle()
      .map("merged", (event) => passed("merged", event));
    merged
      .shuffle()
      .map("fails", (event) => passed("fails", event))
      .keyBy((event) => event % 10)
      .count("counted", { emit: "end" })
      .toOne()
      .collect("sum");
    merged
      .shuffle()
      .map("beside", (event) => passed("beside", event))
      .toOne()
      .collect("other");
  });

  const { history, ...simulation } = await simulate(job, {
    seed: 1,
    threads: 1,
    guarantee,
    epochInterval: 50,
    history: true,
  });

  expect(simulation).toMatchObject({ status: "completed", violations: [] });
  expect(failed.size).toBe(at.length);
  const told = (history ?? []).join("\n").matchAll(/(\S+)\/\d+ restarts as incarnation (\d+)/g);
  return Object.fromEntries([...told].map(([, operator, incarnation]) => [operator, Number(incarnation)]));
}

test("exactly-once, what fails takes along what is downstream of it, and who sends to one of them on the same thread", async () => {
  const behind = { counted: 1, fails: 1, sum: 1 };
  const all = { ...behind, beside: 1, left: 1, merged: 1, other: 1, right: 1 };
  const beyondSources = { ...behind, beside: 1, merged: 1, other: 1 };

  expect(await restartsOf({ guarantee: "exactly-once", where: "fails", at: [200] })).toEqual(all);
  expect(await restartsOf({ guarantee: "exactly-once", where: "fails", at: [200], seeks: false })).toEqual(
    beyondSources,
  );
  expect(await restartsOf({ guarantee: "exactly-once", where: "merged", at: [200], seeks: false })).toEqual(
    beyondSources,
  );
});

test("at-least-once, what fails takes along who sends to it and takes from it on the same thread", async () => {
  const thread = { beside: 1, counted: 1, fails: 1, left: 1, merged: 1, right: 1 };

  expect(await restartsOf({ guarantee: "at-least-once", where: "fails", at: [200] })).toEqual(thread);
});

test("at-most-once, what fails starts over alone", async () => {
  expect(await restartsOf({ guarantee: "at-most-once", where: "fails", at: [200] })).toEqual({ fails: 1 });
});

test("once an operator has failed at an event, it takes nobody along for the next ones, until a while has passed", async () => {
  const soon = [200, 300];
  const later = [...soon, 1_700];

  expect(await restartsOf({ guarantee: "exactly-once", where: "fails", at: soon })).toEqual({
    ...{ beside: 1, left: 1, merged: 1, other: 1, right: 1 },
    ...{ fails: 2, counted: 2, sum: 2 },
  });
  expect(await restartsOf({ guarantee: "at-least-once", where: "fails", at: soon })).toEqual({
    ...{ beside: 1, counted: 1, left: 1, merged: 1, right: 1 },
    ...{ fails: 2 },
  });
  expect(await restartsOf({ guarantee: "exactly-once", where: "fails", at: later })).toEqual({
    ...{ beside: 2, left: 2, merged: 2, other: 2, right: 2 },
    ...{ fails: 3, counted: 3, sum: 3 },
  });
});
