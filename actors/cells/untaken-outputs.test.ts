import { expect, test } from "vitest";
import type { OperatorSpec } from "../operator.ts";
import { split } from "../operators/split.ts";
import { TestContext } from "../testing/test-context.ts";
import { Chain } from "./chain.ts";
import { OperatorStage } from "./operator-stage.ts";

const failure = new Error("eleven");
const rules = {
  sixes: (value: number) => {
    if (value === 11) throw failure;
    return value % 6 === 0;
  },
  evens: (value: number) => value % 2 === 0,
  rest: "otherwise" as const,
};
const values = Array.from({ length: 14 }, (_, index) => index);

/** Takes the values through a `split` of which an operator takes one output, and nobody the others. */
async function splitTo(output: keyof typeof rules) {
  const taken: unknown[] = [];
  const letters: unknown[] = [];
  const collecting: OperatorSpec = {
    kind: "collecting",
    outputs: [],
    create: () => ({ onBatch: (batch, from, to) => void taken.push(...batch.values.slice(from, to)) }),
  };
  const spec = split(rules);
  const stages = [spec, collecting].map((each, index) => {
    const address = { path: `millrace://test/job/${index}/0`, host: 0 };
    const chainedOutput = index === 0 ? spec.outputs.indexOf(output) : undefined;
    const given = {
      name: `${index}`,
      address,
      spec: each,
      chainedOutput,
      replay: undefined,
      decide: () => "resume" as const,
    };
    return new OperatorStage(given, new Int32Array(1), (value) => void letters.push(value));
  });
  for (const stage of stages) await stage.open(new TestContext());
  const chain = new Chain(stages, [], { refuseAtSource: () => undefined, refuseLetter: () => undefined });
  chain.take({ values, times: undefined, keys: undefined }, 0, values.length);
  chain.take({ values: [0, 1], times: undefined, keys: undefined }, 0, 2);
  return { taken, letters, counted: stages.map(({ counters }) => [counters.in, counters.out, counters.deadLetters]) };
}

test.each([
  ["sixes" as const, [0, 6, 12, 0]],
  ["evens" as const, [2, 4, 8, 10]],
  ["rest" as const, [1, 3, 5, 7, 9, 13, 1]],
])(
  "what nobody takes of a split is counted, and nothing else: of %s, who takes it misses nothing",
  async (output, expected) => {
    const { taken, letters, counted } = await splitTo(output);

    expect(taken).toEqual(expected);
    expect(letters).toEqual([11]);
    expect(counted).toEqual([
      [16, 15, 1],
      [expected.length, 0, 0],
    ]);
  },
);

test("what nobody takes is not held", async () => {
  const stage = new OperatorStage(
    {
      name: "split",
      address: { path: "millrace://test/job/split/0", host: 0 },
      spec: split(rules),
      chainedOutput: undefined,
      replay: undefined,
      decide: () => "resume",
    },
    new Int32Array(1),
    () => undefined,
  );
  await stage.open(new TestContext());
  new Chain([stage], [], { refuseAtSource: () => undefined, refuseLetter: () => undefined });

  stage.take({ values, times: undefined, keys: undefined }, 0, values.length);

  expect(stage.heldEvents).toBe(0);
});
