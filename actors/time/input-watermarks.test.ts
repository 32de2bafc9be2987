import { expect, test } from "vitest";
import { InputWatermarks } from "./input-watermarks.ts";

const at = (time: number, isIdle = false) => ({ time, isIdle });

test("a snapshot holds each input as it was at its barrier, also of one that is ahead", () => {
  const watermarks = new InputWatermarks([7, 8], [], 0);
  watermarks.advance(0, at(10), false);
  watermarks.mark(0, 1);
  watermarks.advance(0, at(20), true);
  watermarks.advance(1, at(5, true), false);
  watermarks.mark(1, 1);

  expect(watermarks.at(1)).toEqual([
    [7, 10, false],
    [8, 5, true],
  ]);
});

test("what an input tells behind a barrier counts when the others have delivered it", () => {
  const watermarks = new InputWatermarks([7, 8], [], 0);
  watermarks.advance(0, at(10), false);
  watermarks.mark(0, 1);

  expect(watermarks.advance(0, at(20), true)).toBeUndefined();
  expect(watermarks.advance(1, at(30), false)).toEqual(at(10));
  expect(watermarks.inputAt(0)).toEqual(at(20));

  watermarks.mark(1, 1);
  expect(watermarks.reached(1, () => false)).toEqual(at(20));
});

test("what an input has told that is ahead by two barriers does not count behind the first of them", () => {
  const watermarks = new InputWatermarks([7, 8], [], 0);
  watermarks.mark(0, 1);
  watermarks.advance(0, at(20), true);
  watermarks.mark(0, 2);
  watermarks.advance(1, at(30), false);
  watermarks.mark(1, 1);

  expect(watermarks.reached(1, (input) => input === 0)).toBeUndefined();
  expect(watermarks.at(2)).toEqual([
    [7, 20, false],
    [8, 30, false],
  ]);
});

test("an input goes on from where a checkpoint has it, and is there again when it starts over", () => {
  const watermarks = new InputWatermarks([7], [[7, 10, false]], 3);
  watermarks.mark(0, 4);
  watermarks.advance(0, at(50), false);
  watermarks.complete(4);

  watermarks.reopen(0, 4);

  expect(watermarks.at(4)).toEqual([[7, 10, false]]);
  expect(watermarks.merged).toEqual(at(50));
});

test("a snapshot has an input that has started over where the cell had come by it", () => {
  const watermarks = new InputWatermarks([7, 8], [], 0);
  watermarks.advance(0, at(50), false);
  watermarks.advance(1, at(40), false);
  watermarks.reopen(0, 0);
  watermarks.advance(0, at(10), false);
  watermarks.mark(0, 1);
  watermarks.mark(1, 1);
  watermarks.reached(1, () => false);

  expect(watermarks.at(1)).toEqual([
    [7, 40, false],
    [8, 40, false],
  ]);
});
