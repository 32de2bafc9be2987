import { expect, test } from "vitest";
import type { Guarantee } from "../../jobs/index.ts";
import { brokenBy, runStorm } from "./run-storm.ts";
import { type FaultCounts, stormPlan } from "./storm-plan.ts";

const seed = 20_261_122;
const full: FaultCounts = { throw: 50, thread: 10, process: 5 };
const small: FaultCounts = { throw: 20, thread: 4, process: 2 };
const limitMs = 300_000;

function storm(guarantee: Guarantee, events: number, counts: FaultCounts) {
  return runStorm(guarantee, stormPlan(seed, events, counts));
}

test(
  "exactly-once, a million events through 50 failures, 10 lost threads and 5 killed processes are what they are without",
  async () => {
    const { shown, struck } = await storm("exactly-once", 1_000_000, full);

    expect(struck).toEqual(full);
    expect(shown).toEqual({ lines: 1_000_000, missing: 0, doubled: 0, foreign: 0, disordered: 0, miscounted: 0 });
  },
  limitMs,
);

test(
  "at-least-once, a storm loses nothing",
  async () => {
    const { shown, struck } = await storm("at-least-once", 100_000, small);

    expect(struck).toEqual(small);
    expect(shown).toMatchObject({ missing: 0, foreign: 0 });
  },
  limitMs,
);

test(
  "at-most-once, a storm doubles nothing, what is missing is counted, and what failed is a dead letter each",
  async () => {
    const result = await storm("at-most-once", 100_000, small);
    const { shown } = result;
    expect(brokenBy("at-most-once", result)).toEqual([]);
    expect(shown).toMatchObject({ doubled: 0, disordered: 0, foreign: 0 });
    expect(shown.lines).toBe(100_000 - shown.missing);

    const failures = { ...small, thread: 0, process: 0 };
    const { shown: failed, reported } = await storm("at-most-once", 100_000, failures);
    expect(failed).toMatchObject({ missing: small.throw, doubled: 0, disordered: 0, foreign: 0 });
    expect(reported).toEqual({ deadLetters: small.throw, lostEvents: 0 });
  },
  limitMs,
);
