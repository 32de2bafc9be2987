import "./vitest.ts";
import { expect, test } from "vitest";
import { fromIterable, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, hang, host } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";
import { simulateSeeds } from "../simulation/simulate-seeds.ts";
import { checkOperators } from "./check-operators.ts";

const right = defineJob("right", (job) => {
  job
    .source("numbers", generate({ count: 2_000 }))
    .keyBy((number) => number % 3)
    .count("counts")
    .collect("all");
});

const forgetful = defineJob("forgetful", (job) => {
  let seen = 0;
  job
    .source("numbers", generate({ count: 2_000 }))
    .map("number", () => (seen += 1))
    .collect("all");
});

const options = { seed: 1, epochInterval: 5, creditEvents: 64 } as const;

test("a run that holds what is promised passes", async () => {
  const calm = await simulate(right, options);
  const stormy = await simulate(right, { ...options, faults: [crash("counts").after(1_000)] });

  expect(stormy).toHaveCompleted();
  expect(stormy).toHoldExactlyOnce(calm);
  expect(stormy).toHoldAtLeastOnce(calm);
  expect(await checkOperators(right)).toHaveNoViolations();
  expect(() => expect(stormy).not.toHaveCompleted()).toThrow('expected job "right" under seed 1 not to have completed');
});

test("what was broken is told, with the faults that did it", async () => {
  const calm = await simulate(forgetful, options);
  const stormy = await simulate(forgetful, { ...options, faults: [crash("number").after(1_500)] });
  const held = await simulate(right, {
    ...options,
    faults: [hang(host(0)).for("1h").at(1)],
    quietAfter: "1s",
    limit: "5s",
  });

  expect(() => expect(stormy).toHoldExactlyOnce(calm)).toThrow(
    /expected job "forgetful" under seed 1 to hold exactly-once\nall: missing [\s\S]*\nfaults:\n {2}[\d.]+ ms \{"kind":"crash"/,
  );
  expect(() => expect(stormy).toHoldAtLeastOnce(calm)).toThrow(/to hold at-least-once\nall: missing/);
  expect(() => expect(held).toHaveCompleted()).toThrow(/it is hung after 5\d\d\d ms/);
});

test("seeds and findings are told a line each", async () => {
  const job = defineJob("small", (builder) => {
    let seen = 0;
    builder
      .source("numbers", fromIterable(Array.from({ length: 3_000 }, (_, index) => index)))
      .map("number", () => (seen += 1))
      .collect("all");
  });
  const failed = await simulateSeeds(job, { firstSeed: 1, seedCount: 5, kinds: ["errors"], epochInterval: 5 });
  const findings = await checkOperators(job, { eventCountMax: 10 });

  expect(() => expect(failed).toHaveNoViolations()).toThrow(
    /^seed \d+:\n {2}I\d+: [\s\S]*\n {2}faults[\s\S]*\{"action"/,
  );
  expect(() => expect(findings).toHaveNoViolations()).toThrow(
    /^number \(on another thread [\s\S]*\nnumber \(back to its snapshot /,
  );
});
