import { expect, test } from "vitest";
import { EscalatedError } from "../../runtime/index.ts";
import { JobRestarts, jobRestartSettings } from "./job-restarts.ts";

const escalated = new EscalatedError(
  "millrace://test/job/bad/0",
  "10 restarts in 60000 ms are spent",
  new Error("bad"),
);

test("an escalated failure starts the job over at once, the next after a while", () => {
  const restarts = new JobRestarts(jobRestartSettings());

  expect(restarts.decide(escalated, false, 0, 0.5)).toEqual({ kind: "restart", delayMs: 0 });
  expect(restarts.decide(escalated, false, 1_000, 0.5)).toEqual({ kind: "restart", delayMs: 100 });
  expect(restarts.decide(escalated, false, 2_000, 0.5)).toEqual({ kind: "restart", delayMs: 200 });
});

test("what is escalated while the job waits to start over joins it, at no cost", () => {
  const restarts = new JobRestarts(jobRestartSettings({ max: 2 }));
  restarts.decide(escalated, false, 0, 0.5);
  restarts.decide(escalated, false, 1_000, 0.5);

  expect(restarts.decide(escalated, false, 1_030, 0.5)).toEqual({ kind: "join", delayMs: 70 });
  expect(restarts.decide(escalated, false, 1_099, 0.5)).toEqual({ kind: "join", delayMs: 1 });
  expect(restarts.decide(escalated, false, 1_100, 0.5)).toEqual({ kind: "fail" });
});

test("the budget is for a window of time", () => {
  const restarts = new JobRestarts(jobRestartSettings({ max: 1, within: "10s" }));
  restarts.decide(escalated, false, 0, 0.5);

  expect(restarts.decide(escalated, false, 9_999, 0.5)).toEqual({ kind: "fail" });
  expect(restarts.decide(escalated, false, 10_000, 0.5)).toMatchObject({ kind: "restart" });
});

test("what the author's policy stops, and what never started, fails the job", () => {
  const restarts = new JobRestarts(jobRestartSettings());

  expect(restarts.decide(escalated, true, 0, 0.5)).toEqual({ kind: "fail" });
  expect(restarts.decide(new Error("cannot be opened"), false, 0, 0.5)).toEqual({ kind: "fail" });
});

test.each([
  [{ max: -1 }, "jobRestarts.max"],
  [{ max: 1.5 }, "jobRestarts.max"],
  [{ within: "soon" as "1s" }, "jobRestarts.within"],
])("%j is refused", (options, name) => {
  expect(() => jobRestartSettings(options)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(name) }),
  );
});
