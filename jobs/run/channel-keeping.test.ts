import { expect, test } from "vitest";
import { discard, generate } from "../../actors/index.ts";
import { VirtualClock } from "../../runtime/index.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { keptAfterFailureMs } from "../limits.ts";
import { plan } from "../planner.ts";
import { simulate } from "../simulation/simulate.ts";
import { ChannelKeeping } from "./channel-keeping.ts";

const clock = new VirtualClock();

/** Of `numbers > first > second`, cells `0/0` to `2/0`, joined by channels 0 and 1. */
function keepingOf(guarantee: Guarantee): ChannelKeeping {
  const job = defineJob("row", (builder) => {
    builder
      .source("numbers", generate())
      .shuffle()
      .map("first", (number) => number)
      .shuffle()
      .map("second", (number) => number)
      .sink("end", discard());
  });
  const graph = buildGraph(job, undefined);
  return new ChannelKeeping(clock, plan(graph, { hostCount: 0 }), graph, guarantee);
}

test("cells that start over because one of them failed at an event keep what they send, for a while", () => {
  const keeping = keepingOf("exactly-once");
  expect([[...keeping.unkept], keeping.unkeptOf("0/0"), keeping.unkeptOf("2/0")]).toEqual([[0, 1], [0], []]);

  keeping.startOver(new Set(["0/0", "1/0"]));
  expect([...keeping.unkept]).toEqual([0, 1]);
  keeping.failedAtEvent("2/0");
  expect([...keeping.unkept]).toEqual([0, 1]);
  keeping.startOver(new Set(["1/0", "2/0"]));
  expect([[...keeping.unkept], keeping.unkeptOf("1/0")]).toEqual([[0], []]);

  clock.advance(keptAfterFailureMs - 1);
  expect(keeping.onCheckpoint()).toEqual([]);
  // A further failure puts it off, for all of them.
  keeping.failedAtEvent("2/0");
  keeping.startOver(new Set(["2/0"]));
  clock.advance(keptAfterFailureMs - 1);
  expect(keeping.onCheckpoint()).toEqual([]);
  clock.advance(1);
  expect([...keeping.unkept]).toEqual([0]);
  expect(keeping.onCheckpoint()).toEqual([{ cell: "1/0", channels: [1] }]);

  expect([[...keeping.unkept].sort(), keeping.onCheckpoint()]).toEqual([[0, 1], []]);
});

test("under at-most-once there is nothing to keep", () => {
  const keeping = keepingOf("at-most-once");
  keeping.failedAtEvent("1/0");
  keeping.startOver(new Set(["1/0"]));

  expect([keeping.unkept.size, keeping.unkeptOf("0/0"), keeping.onCheckpoint()]).toEqual([0, [], []]);
});

test.each(["at-least-once", "exactly-once"] as const)(
  "an event that is made anew each time, and never the same, is given up all the same, under %s",
  async (guarantee) => {
    const eventCount = 1_000;
    const messageRetries = 2;
    let madeCount = 0;
    let failureCount = 0;
    const job = defineJob("unlike", (builder) => {
      builder.supervision({ messageRetries, backoff: { min: 0, max: 0 } });
      builder
        .source("numbers", generate({ count: eventCount, rate: 10_000 }))
        .map("stamped", (number) => {
          madeCount += 1;
          return { number, madeAs: madeCount };
        })
        .shuffle()
        .map("picky", ({ number }) => {
          if (number !== 500) return number;
          failureCount += 1;
          throw new RangeError("never");
        })
        .collect("all");
    });

    const simulation = await simulate(job, { seed: 1, threads: 1, guarantee, epochInterval: 5 });

    expect(simulation).toMatchObject({ status: "completed", violations: [] });
    expect(new Set(simulation.collected("all")).size).toBe(eventCount - 1);
    // Once as it was made first, which is not kept; from then on it is the same.
    expect(failureCount).toBe(1 + 1 + messageRetries);
    const { total } = simulation.report?.operators.find(({ name }) => name === "picky") ?? {};
    expect(total?.deadLetters).toBe(1);
  },
);
