import { expect, test } from "vitest";
import { SeededRandom } from "../simulation/seeded-random.ts";
import { progressField, progressLength } from "./progress-field.ts";
import { countWork, unfinishedWork } from "./unfinished-work.ts";

const thread = () => new Int32Array(progressLength);

test("work is what threads have taken and not done, also when the counters have wrapped around", () => {
  const [one, other] = [thread(), thread()];
  one[progressField.workTaken] = 2 ** 31 - 2;
  one[progressField.workDone] = 2 ** 31 - 2;

  countWork(one, 5);
  countWork(other, 4);
  countWork(other, -1);

  expect(unfinishedWork([one])).toBe(5);
  expect(unfinishedWork([one, other])).toBe(8);
});

test("work that moves between threads while they are looked at is not missed", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = new SeededRandom(seed);
    const threads = [thread(), thread(), thread()];
    countWork(threads[0] as Int32Array, 10);
    let at = 0;
    const move = (): void => {
      if (!random.chance(0.5)) return;
      const to = random.below(threads.length);
      countWork(threads[to] as Int32Array, 10);
      countWork(threads[at] as Int32Array, -10);
      at = to;
    };
    const looked = [...threads];
    for (const [index, progress] of threads.entries()) {
      Object.defineProperty(looked, index, {
        get: () => {
          move();
          return progress;
        },
      });
    }

    expect(unfinishedWork(looked)).toBeGreaterThanOrEqual(10);
  }
});
