/** The same kills by the hundred: npm run storm -- --kills 500 --process-kills 50. */

import { expect, test } from "vitest";
import { processKills, threadKills } from "./kill-plan.ts";
import { runKills } from "./run-kills.ts";

const events = 100_000;
const limitMs = 120_000;
const whole = { lines: events, missing: 0, doubled: 0, foreign: 0, disordered: 0, miscounted: 0 };

test(
  "30 kills of threads of ten kinds lose nothing, double nothing, and the job ends",
  async () => {
    const { faults, kinds } = threadKills(20_261_122, 30, events, 4);

    const { run, shown } = await runKills(faults, events, limitMs);

    expect(new Set(kinds).size).toBe(10);
    expect(run).toMatchObject({ status: "completed", error: undefined, lives: 1 });
    expect(run.struck).toHaveLength(30);
    expect(shown).toEqual(whole);
  },
  limitMs,
);

test(
  "4 kills of the process lose nothing, double nothing, and the job ends",
  async () => {
    const { run, shown } = await runKills(processKills(4), events, limitMs);

    expect(run).toMatchObject({ status: "completed", error: undefined, lives: 5 });
    expect(run.struck).toHaveLength(4);
    expect(shown).toEqual(whole);
  },
  limitMs,
);
