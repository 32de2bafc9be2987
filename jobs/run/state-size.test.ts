import { expect, test } from "vitest";
import { generate, type ProcessContext } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

test("a report tells how much state each instance keeps, and what of it is outside of the heap", async () => {
  const keyCount = 20_000;
  const note = {
    onEvent(number: number, { state }: ProcessContext<never>): void {
      state.value("last").set({ number });
      state.list<number>("all").add(number);
    },
  };
  const job = defineJob("sizes", (builder) => {
    const numbers = builder.source("numbers", generate({ count: keyCount }));
    numbers
      .keyBy((number) => number)
      .count("many", { emit: "end" })
      .collect("counts");
    numbers
      .keyBy((number) => number % 10)
      .count("few", { emit: "end" })
      .collect("sums");
    numbers
      .keyBy((number) => number)
      .process("notes", () => note)
      .collect("none");
  });

  await using system = await ActorSystem.start({ threads: 0 });
  const { operators } = await (await system.submit(job)).completed;

  const sizeOf = (name: string) => operators.find((operator) => operator.name === name)?.instances[0]?.state;
  expect(sizeOf("few")).toEqual({ pieces: 10, packedBytes: 0 });
  expect(sizeOf("many")).toEqual({ pieces: keyCount, packedBytes: expect.any(Number) });
  expect(sizeOf("many")?.packedBytes).toBeGreaterThan(16 * keyCount);
  expect(sizeOf("many")?.packedBytes).toBeLessThan(64 * keyCount);
  // So few objects stay what they are.
  expect(sizeOf("notes")).toEqual({ pieces: 2 * keyCount, packedBytes: 0 });
  expect(sizeOf("numbers")).toBe(undefined);
});
