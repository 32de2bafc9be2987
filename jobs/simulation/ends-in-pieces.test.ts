import { expect, test } from "vitest";
import { type Aggregate, generate, type ProcessContext, tumbling } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { crash, host } from "./fault.ts";
import { simulate } from "./simulate.ts";

const eventCount = 12_000;
const keyCount = 6_000;

/** Keeps what comes, and tells all of it at the end, some of it at a time. */
class Kept {
  onEvent(value: number, { state }: ProcessContext<number>): void {
    state.list<number>("kept").add(value);
  }

  *onEnd(context: ProcessContext<number>): Generator<void, void> {
    let count = 0;
    for (const value of context.state.list<number>("kept").all()) {
      context.emit(value);
      count += 1;
      if (count % 50 === 0) yield;
    }
  }
}

const sum: Aggregate<number, number, number> = {
  create: () => 0,
  add: (total, number) => total + number,
  finish: (total) => total,
};

/** What is told at its end, and at the watermarks before, takes more than a turn. */
const endings = defineJob("endings", import.meta.url, (job) => {
  const numbers = job.source("numbers", generate({ count: eventCount }), { parallelism: 2 });
  const byKey = numbers.keyBy((number) => number % keyCount);
  byKey
    .count("count", { parallelism: 2, emit: "end" })
    .map("counted", ({ key, count }) => `${key}: ${count}`)
    .collect("counts");
  numbers
    .process("kept", Kept, { parallelism: 2 })
    .map("of-kept", (number) => number)
    .collect("numbers-kept");
  numbers
    .eventTime("time", { time: (number) => Math.floor(number / keyCount), outOfOrderness: 1, maxAhead: false })
    .keyBy((number) => number % keyCount)
    .window("window", tumbling(1), sum, { parallelism: 2 })
    .map("summed", ({ key, window, value }) => `${key} ${window.start}: ${value}`)
    .collect("sums");
});

const names = ["counts", "numbers-kept", "sums"];
const operators = ["count", "kept", "window", "counted", "of-kept", "summed"];

test("an end that is told in pieces loses and doubles nothing, wherever it is cut off", async () => {
  const options = { guarantee: "exactly-once", epochInterval: 2, creditEvents: 512 } as const;
  const calm = await simulate(endings, { seed: 0, faults: [], ...options });
  const expected = names.map((name) => calm.collected(name).toSorted());
  expect(expected.map(({ length }) => length)).toEqual([keyCount, eventCount, eventCount]);

  for (let seed = 1; seed <= 12; seed += 1) {
    const faults = [
      crash(operators[seed % operators.length]!, seed % 2).after(2_000 + 300 * seed),
      crash(host(1 + (seed % 2))).randomly(2),
    ];
    const simulation = await simulate(endings, { seed, faults, ...options });

    expect(simulation.violations, `seed ${seed}`).toEqual([]);
    expect(
      names.map((name) => simulation.collected(name).toSorted()),
      `seed ${seed}`,
    ).toEqual(expected);
  }
});
