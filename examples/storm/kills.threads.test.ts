/** The same kills by the thousand: npm run storm -- --kills 10000 --process-kills 1000. */

import { expect, test } from "vitest";
import { type KillRoundResult, processRound, runKillRound, threadRound, wrongWith } from "./kill-round.ts";

const seed = 20_261_122;
const limitMs = 600_000;

test.concurrent(
  "500 kills of threads of ten kinds lose nothing, double nothing, and the job ends",
  async () => {
    const rounds = [threadRound(seed, 250), threadRound(seed + 1, 250)];

    const results = await Promise.all(rounds.map((round) => runKillRound(round)));

    expect(rounds.flatMap((round, index) => wrongWith(round, results[index] as KillRoundResult))).toEqual([]);
    for (const result of results) expect(result).toMatchObject({ status: "completed", struck: 250, lives: 1 });
    expect(new Set(results.flatMap(({ kinds }) => kinds)).size).toBe(10);
    // Two that strike at the same moment are the end of one thread.
    expect(results.reduce((sum, { threadsLost }) => sum + threadsLost, 0)).toBeGreaterThan(350);
  },
  limitMs,
);

test.concurrent(
  "50 kills of the process lose nothing, double nothing, and the job ends",
  async () => {
    const round = processRound(seed, 50);

    const result = await runKillRound(round);

    expect(wrongWith(round, result)).toEqual([]);
    expect(result).toMatchObject({ status: "completed", struck: 50, lives: 51 });
  },
  limitMs,
);
