import { expect, test } from "vitest";
import { batchEventsMax, firstSliceEvents, sliceBudgetMs } from "../limits.ts";
import { BatchSlicer } from "./batch-slicer.ts";

test("slices grow to whole batches while they take little time", () => {
  const slicer = new BatchSlicer();
  const sizes = Array.from({ length: 8 }, () => {
    const { sliceEvents } = slicer;
    slicer.took(sliceBudgetMs / 8);
    return sliceEvents;
  });

  expect(sizes).toEqual([32, 64, 128, 256, 512, 1024, 1024, 1024]);
  expect([sizes[0], sizes.at(-1)]).toEqual([firstSliceEvents, batchEventsMax]);
});

test("slices shrink to single events while they take too long, and stay as they are within the budget", () => {
  const slicer = new BatchSlicer();
  for (let slice = 0; slice < 10; slice += 1) slicer.took(sliceBudgetMs * 2);
  expect(slicer.sliceEvents).toBe(1);

  slicer.took(sliceBudgetMs);
  slicer.took(sliceBudgetMs / 2);
  expect(slicer.sliceEvents).toBe(1);
  slicer.took(0);
  expect(slicer.sliceEvents).toBe(2);
});
