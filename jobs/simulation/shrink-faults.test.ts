import { expect, test } from "vitest";
import { SeededRandom } from "../../runtime/index.ts";
import { shrinkFaults } from "./shrink-faults.ts";

const faults = Array.from({ length: 30 }, (_, index) => index);

test.each([[[]], [[7]], [[0, 29]], [[3, 4, 5, 21]]])("of 30 faults those remain that it takes: %j", async (needed) => {
  let runCount = 0;

  const left = await shrinkFaults(faults, async (candidate) => {
    runCount += 1;
    return needed.every((fault) => candidate.includes(fault));
  });

  expect(left).toEqual(needed);
  expect(runCount).toBeLessThan(100);
});

test("where any of several will do, none that remains can be left out", async () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const random = new SeededRandom(seed);
    const sets = Array.from({ length: 4 }, () => faults.filter(() => random.chance(0.15)));
    const fails = async (candidate: readonly number[]) =>
      sets.some((needed) => needed.every((fault) => candidate.includes(fault)));

    const left = await shrinkFaults(faults, fails);

    expect(await fails(left), `seed ${seed}`).toBe(true);
    for (const fault of left) expect(await fails(left.filter((each) => each !== fault)), `seed ${seed}`).toBe(false);
  }
});

test("the search ends with the runs that it may take, with what fails so far", async () => {
  let runCount = 0;
  const left = await shrinkFaults(
    faults,
    async (candidate) => {
      runCount += 1;
      return candidate.includes(7);
    },
    3,
  );

  expect(runCount).toBe(3);
  expect(left).toContain(7);
  expect(left.length).toBeLessThan(faults.length);
});
