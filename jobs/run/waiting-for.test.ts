import { expect, test } from "vitest";
import { type WaitingFor, waitText } from "./waiting-for.ts";

const waiting: WaitingFor = {
  operator: "out",
  instance: 0,
  host: 1,
  why: "takes-no-input",
  waitsFor: undefined,
  forMs: 12_340,
};

test.each<[Partial<WaitingFor>, string]>([
  [{}, '"out" has taken no input for 12.3 s'],
  [{ instance: 2 }, '"out" instance 2 has taken no input for 12.3 s'],
  [{ why: "is-not-read" }, '"out" has not been read for 12.3 s'],
  [{ why: "starts-over", forMs: 0 }, '"out" starts over'],
  [{ why: "is-behind", forMs: 900 }, '"out" has not moved for 0.9 s'],
  [
    { why: "waits-outside", waitsFor: "a commit, which failed once: no space" },
    '"out" waits for a commit, which failed once: no space',
  ],
])("what is waited for is said in words: %o", (special, text) => {
  expect(waitText({ ...waiting, ...special })).toBe(text);
});
