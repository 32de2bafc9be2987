/** The same kills by the thousand: npm run storm -- --kills 10000 --process-kills 1000. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { processRound, runKillRound, threadRound, wrongWith } from "./kill-round.ts";
import { type PackedStorm, packStorm } from "./pack-storm.ts";

const seed = 20_261_122;
const limitMs = 600_000;
let pack: PackedStorm;

beforeAll(async () => {
  pack = await packStorm();
});

afterAll(() => pack[Symbol.asyncDispose]());

test(
  "500 kills of threads of ten kinds lose nothing, double nothing, and the job ends",
  async () => {
    const round = threadRound(seed, 500);

    const result = await runKillRound(pack, round);

    expect(wrongWith(round, result)).toEqual([]);
    expect(new Set(result.kinds).size).toBe(10);
    expect(result).toMatchObject({ status: "completed", struck: 500, lives: 1 });
    // Two that strike at the same time are the end of one thread.
    expect(result.threadsLost).toBeGreaterThan(400);
  },
  limitMs,
);

test(
  "50 kills of the process lose nothing, double nothing, and the job ends",
  async () => {
    const round = processRound(seed, 50);

    const result = await runKillRound(pack, round);

    expect(wrongWith(round, result)).toEqual([]);
    expect(result).toMatchObject({ status: "completed", struck: 50, lives: 51 });
  },
  limitMs,
);
