import { describe, expect, test } from "vitest";
import { protocolRun } from "../fixtures/protocol-run.ts";

/** Of each guarantee; a seed that fails is named by the test, and can be run alone with `protocolRun`. */
const seedCount = 30;
const pressedSeedCount = 12;
/** On a machine that is busy with other things, too. */
const timeLimitMs = 120_000;

describe.each(["exactly-once", "at-least-once", "at-most-once"] as const)("under %s", (guarantee) => {
  test("random jobs end, and hold what is promised, whatever fails and whenever, in as many runs and versions as it takes", {
    timeout: timeLimitMs,
  }, async () => {
    let faultCount = 0;
    let restoreCount = 0;
    let laterRunCount = 0;
    let letterCount = 0;
    for (let seed = 0; seed < seedCount; seed += 1) {
      const { broken, strikes, crashes, restores, lives, letters } = await protocolRun(seed, guarantee);

      expect(broken, `seed ${seed}, ${guarantee}`).toEqual([]);
      faultCount += strikes.length + crashes;
      restoreCount += restores;
      laterRunCount += lives - 1;
      letterCount += letters;
    }
    // Without faults, and checkpoints to start from, the seeds would show nothing.
    expect(faultCount).toBeGreaterThan(seedCount);
    expect(restoreCount > seedCount).toBe(guarantee !== "at-most-once");
    expect(laterRunCount > seedCount / 3).toBe(guarantee !== "at-most-once");
    expect(letterCount).toBeGreaterThan(seedCount / 3);
  });

  test.skipIf(guarantee === "at-most-once")(
    "so they do when next to nothing may be kept, and epochs are given up as soon as nothing moves",
    { timeout: timeLimitMs },
    async () => {
      let pauseCount = 0;
      let givenUpCount = 0;
      for (let seed = 0; seed < pressedSeedCount; seed += 1) {
        const { broken, pauses, givenUp } = await protocolRun(seed, guarantee, true);

        expect(broken, `seed ${seed}, ${guarantee}`).toEqual([]);
        pauseCount += pauses;
        givenUpCount += givenUp;
      }
      expect(pauseCount).toBeGreaterThan(10 * pressedSeedCount);
      expect(givenUpCount).toBeGreaterThan(10 * pressedSeedCount);
    },
  );

  test("a seed is one history", async () => {
    expect(await protocolRun(7, guarantee)).toEqual(await protocolRun(7, guarantee));
  });
});
