import { expect, test } from "vitest";
import { count, type Guarantee, generate, pattern, tumbling } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import type { Job } from "../job-builder.ts";
import { simulate } from "../simulation/simulate.ts";

const windows = (job: Job) => {
  const numbers = job.source("numbers", generate({ count: 100 })).keyBy((n) => n % 10);
  numbers.window("each-second", tumbling("1s"), count()).collect("all");
};
const matches = (job: Job) => {
  const numbers = job.source("numbers", generate({ count: 100 })).keyBy((n) => n % 10);
  const twice = pattern<number>()
    .begin("first", () => true)
    .next("second", () => true)
    .within("1s");
  numbers.match("twice", twice, () => 1).collect("all");
};
const inOrder = (job: Job) => {
  const numbers = job.source("numbers", generate({ count: 100 })).keyBy((n) => n % 10);
  numbers.inOrder("ordered").collect("all");
};

test.each<[string, (job: Job) => void, Guarantee]>([
  ["windows", windows, "at-most-once"],
  ["windows", windows, "at-least-once"],
  ["windows", windows, "exactly-once"],
  ["match", matches, "exactly-once"],
  ["inOrder", inOrder, "exactly-once"],
])(
  "%s end the job at the first event of a stream that has no event time, also where it is to be left out: %#",
  async (_, build, guarantee) => {
    const job = defineJob("untimed", (j) => {
      j.supervision("resume");
      build(j);
    });

    const { report, error } = await simulate(job, { seed: 1, guarantee });

    expect(report?.status).not.toBe("completed");
    expect(error?.message).toMatch(/an event has no event time, and|an event has no event time: put eventTime/);
  },
);
