import { expect, test } from "vitest";
import { durationText, progressLine, summaryLine } from "./progress-line.ts";
import type { ProgressReading } from "./progress-meter.ts";

const reading: ProgressReading = {
  elapsedMs: 65_000,
  sinceRestartMs: undefined,
  events: 1_234_567,
  eventsPerSecond: 98_765.4,
  fraction: undefined,
  leftMs: undefined,
  deadLetters: 0,
  lostEvents: 0,
  waits: undefined,
  checkpoints: undefined,
};

test("an unbounded run shows time, events and speed", () => {
  expect(progressLine("traffic", "running", reading)).toBe("traffic running 1m 5s  1,234,567 events  98,765/s");
});

test("a bounded run shows how much is done and the time left", () => {
  expect(progressLine("traffic", "running", { ...reading, fraction: 0.456, leftMs: 80_000 })).toBe(
    "traffic running 1m 5s  1,234,567 events  98,765/s  45% (1m 20s left)",
  );
});

test("a bounded run that has not begun shows no time left, and one that has not ended no 100%", () => {
  expect(progressLine("t", "running", { ...reading, fraction: 0 })).toMatch(/ {2}0%$/);
  expect(progressLine("t", "running", { ...reading, fraction: 1, leftMs: 0 })).toMatch(/ {2}99% \(0\.0s left\)$/);
});

test("dead letters are shown when there are some", () => {
  expect(progressLine("t", "running", { ...reading, deadLetters: 1 })).toMatch(/ {2}1 dead letter$/);
  expect(progressLine("t", "running", { ...reading, deadLetters: 1_200 })).toMatch(/ {2}1,200 dead letters$/);
});

test("events that were lost with a thread are told, of how many there may be", () => {
  expect(progressLine("t", "running", { ...reading, lostEvents: 1 })).toMatch(/ {2}up to 1 event lost$/);
  expect(summaryLine("t", "completed", { ...reading, lostEvents: 4_496 })).toMatch(/, up to 4,496 events lost$/);
});

test("what a run waits for stands where a narrow terminal shows it", () => {
  expect(progressLine("t", "running", { ...reading, waits: '"out" has taken no input for 9.0 s' })).toBe(
    't running 1m 5s  "out" has taken no input for 9.0 s  1,234,567 events  98,765/s',
  );
});

test("the summary shows how many checkpoints there were and how long they took", () => {
  expect(
    summaryLine("t", "completed", { ...reading, checkpoints: { count: 1, averageMs: 3.6, maxMs: 1_204 } }),
  ).toMatch(/, 1 checkpoint of 4 ms, the longest 1,204 ms$/);
});

test("the summary of a run whose process was replaced says since when it counts", () => {
  expect(summaryLine("t", "completed", { ...reading, elapsedMs: 65_000, sinceRestartMs: 5_000, events: 50 })).toBe(
    "t completed in 1m 5s: 50 events in the 5.0s since its last restart, 10/s",
  );
});

test("the summary shows the speed of the whole run", () => {
  expect(summaryLine("t", "completed", { ...reading, elapsedMs: 2_000, events: 1, deadLetters: 2 })).toBe(
    "t completed in 2.0s: 1 event, 1/s, 2 dead letters",
  );
  expect(summaryLine("t", "completed", { ...reading, elapsedMs: 0, events: 5 })).toBe(
    "t completed in 0.0s: 5 events, 0/s",
  );
});

test.each([
  [0, "0.0s"],
  [449, "0.4s"],
  [9_949, "9.9s"],
  [9_951, "10s"],
  [59_400, "59s"],
  [59_500, "1m 0s"],
  [3_599_000, "59m 59s"],
  [3_600_000, "1h 0m"],
  [90_000_000, "25h 0m"],
])("%d ms are %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
