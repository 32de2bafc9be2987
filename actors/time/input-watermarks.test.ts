import { expect, test } from "vitest";
import { InputWatermarks } from "./input-watermarks.ts";

const at = (time: number, isIdle = false) => ({ time, isIdle });

test("a snapshot holds each input as it was at its barrier, also of one that is ahead", () => {
  const watermarks = new InputWatermarks([7, 8], [], 0);
  watermarks.advance(0, at(10));
  watermarks.mark(0, 1);
  watermarks.advance(0, at(20));
  watermarks.advance(1, at(5, true));
  watermarks.mark(1, 1);

  expect(watermarks.at(1)).toEqual([
    [7, 10, false],
    [8, 5, true],
  ]);
  expect(watermarks.merged).toEqual(at(20));
});

test("an input goes on from where a checkpoint has it, and is there again when it starts over", () => {
  const watermarks = new InputWatermarks([7], [[7, 10, false]], 3);
  watermarks.mark(0, 4);
  watermarks.advance(0, at(50));
  watermarks.complete(4);

  watermarks.reopen(0, 4);

  expect(watermarks.at(4)).toEqual([[7, 10, false]]);
  expect(watermarks.merged).toEqual(at(50));
});
