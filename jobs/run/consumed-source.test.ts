import { expect, test } from "vitest";
import { fromIterable, type Guarantee } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulate } from "../simulation/simulate.ts";

test.each<Guarantee>(["at-most-once", "at-least-once", "exactly-once"])(
  "a source that can be read once fails the job when its iterable throws, at once, under %s",
  async (guarantee) => {
    let openings = 0;
    const job = defineJob("once", (j) => {
      openings = 0;
      const numbers = (function* () {
        yield 1;
        throw new Error("socket closed");
      })();
      const spec = fromIterable(numbers);
      const counted: typeof spec = {
        ...spec,
        create: () => {
          openings += 1;
          return spec.create();
        },
      };
      j.source("numbers", counted).collect("all");
    });

    const { report, error } = await simulate(job, { seed: 1, guarantee });

    expect(report?.status).not.toBe("completed");
    expect(error?.message).toContain(
      'source "numbers" failed (socket closed), and its iterable can be read only once: pass a function',
    );
    expect(openings).toBe(1);
  },
);
