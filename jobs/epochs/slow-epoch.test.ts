import { expect, test } from "vitest";
import { slowEpochText } from "./slow-epoch.ts";

const waits = Array.from({ length: 12 }, (_, index) => `"slow" instance ${index} has taken no input for 9.0 s`);
const slow = { epoch: 7, place: "./data", isPaused: false };

test("an epoch that takes long is reported with what holds it up, some in words and the rest as a number", () => {
  expect(slowEpochText({ ...slow, waits: waits.slice(0, 1) })).toBe(
    'epoch 7 is not complete after 10000 ms: "slow" instance 0 has taken no input for 9.0 s',
  );
  expect(slowEpochText({ ...slow, waits })).toMatch(/instance 9 has taken no input for 9.0 s; and 2 more$/);
});

test("one whose checkpoint is being written says so, and that sources pause", () => {
  expect(slowEpochText({ ...slow, waits: [], isPaused: true })).toBe(
    "epoch 7 is not complete after 10000 ms: its checkpoint is being written to ./data; sources pause meanwhile",
  );
});
