import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { StageOutput } from "./stage-output.ts";

/** Whether V8 keeps an object as a list of fields, and not as a dictionary. */
function hasFastFields(given: object): boolean {
  setFlagsFromString("--allow-natives-syntax");
  return (new Function("given", "return %HasFastProperties(given)") as (given: object) => boolean)(given);
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

test("stays fast for the operators that start when those before them are gone", () => {
  const fast: boolean[] = [];

  // V8 settles how large the objects of a class are at the seventh: here, while none of the others is left to be looked at.
  for (let life = 0; life < 6; life += 1) {
    fast.push(...Array.from({ length: 3 }, () => hasFastFields(new StageOutput(2, new Int32Array(1)))));
    collectGarbage();
  }

  expect(fast).toEqual(fast.map(() => true));
});

test("tells progress by one for each event, also of a batch that it goes on with", () => {
  const progress = new Int32Array([7]);
  const output = new StageOutput(1, progress);
  const told: number[] = [];
  const batch = { values: ["a", "b", "c"], times: undefined, keys: undefined };

  for (const [from, to] of [[0, 3] as const, [0, 1] as const, [1, 3] as const]) {
    output.start(batch, from);
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      told.push(progress[0]!);
    }
    output.leave();
  }

  expect(told).toEqual([8, 9, 10, 11, 12, 13]);
});
