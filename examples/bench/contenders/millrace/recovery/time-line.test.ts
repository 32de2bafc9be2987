import { beforeEach, expect, test, vi } from "vitest";
import { TimeLine } from "./time-line.ts";

const phases = ["noticed", "thread", "replay"] as const;
let nowMs: number;

beforeEach(() => {
  nowMs = 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  return () => vi.restoreAllMocks();
});

test("phases follow one another, and add up to the whole", () => {
  const line = new TimeLine(phases, 1);

  line.begin();
  nowMs += 5;
  line.over("noticed");
  nowMs += 10;
  line.over("thread");
  line.end(0, nowMs + 20);

  expect(line.phasesUs).toEqual({
    noticed: Float64Array.of(5_000),
    thread: Float64Array.of(10_000),
    replay: Float64Array.of(20_000),
  });
  expect(line.latenciesUs).toEqual(Float64Array.of(35_000));
});

test("a phase ends when that is said first, and one whose end is not said took no time", () => {
  const line = new TimeLine(phases, 1);

  line.begin();
  line.over("thread", nowMs + 3);
  line.over("thread", nowMs + 7);
  line.end(0, nowMs + 9);

  expect([line.phasesUs.noticed[0], line.phasesUs.thread[0], line.phasesUs.replay[0]]).toEqual([0, 3_000, 6_000]);
});

test("what belonged to the recovery before is forgotten", () => {
  const line = new TimeLine(phases, 2);
  line.begin();
  line.over("noticed", nowMs + 4);
  line.end(0, nowMs + 4);

  nowMs += 100;
  line.begin();
  line.end(1, nowMs + 6);

  expect([...line.phasesUs.noticed]).toEqual([4_000, 0]);
  expect([...line.latenciesUs]).toEqual([4_000, 6_000]);
});
