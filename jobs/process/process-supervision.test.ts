import { describe, expect, test } from "vitest";
import type { WireError } from "../../runtime/index.ts";
import { isProcessFault, type LastWord, type ProcessPolicy, ProcessSupervision } from "./process-supervision.ts";

const policy: ProcessPolicy = {
  restartsMax: 3,
  restartsWithinMs: 60_000,
  backoff: { minMs: 100, maxMs: 1_000, factor: 2, jitter: 0.5, resetAfterMs: 30_000 },
};
const nothing: LastWord = { kind: "none" };
/** In the middle: no jitter. */
const noJitter = 0.5;

function wire(code: string, cause?: WireError): WireError {
  return { name: "Error", classNames: [], message: code, code, ...(cause === undefined ? {} : { cause }) };
}

test("a process that said nothing about its end is replaced, at once and then later and later", () => {
  const supervision = new ProcessSupervision(policy);

  const decisions = [0, 10, 20].map((nowMs) => supervision.onEnd(nothing, false, nowMs, noJitter));

  expect(decisions).toEqual([
    { kind: "restart", delayMs: 0 },
    { kind: "restart", delayMs: 100 },
    { kind: "restart", delayMs: 200 },
  ]);
});

test("chance makes waits longer and shorter", () => {
  const waits = [0, 0.999].map((random) => {
    const supervision = new ProcessSupervision(policy);
    supervision.onEnd(nothing, false, 0, random);
    return supervision.onEnd(nothing, false, 1, random);
  });

  expect(waits).toEqual([
    { kind: "restart", delayMs: 50 },
    { kind: "restart", delayMs: expect.closeTo(150, 0) },
  ]);
});

test("with its restarts spent it is given up on; when the window has passed there are restarts again", () => {
  const supervision = new ProcessSupervision(policy);
  for (const nowMs of [0, 1_000, 2_000]) supervision.onEnd(nothing, false, nowMs, noJitter);

  expect(supervision.onEnd(nothing, false, 59_999, noJitter)).toEqual({ kind: "give-up" });
  expect(supervision.onEnd(nothing, false, 60_000, noJitter)).toEqual({ kind: "restart", delayMs: 0 });
});

test("a process that has said that the job has ended is done with, however it went itself", () => {
  const supervision = new ProcessSupervision(policy);

  expect(supervision.onEnd({ kind: "ended" }, false, 0, noJitter)).toEqual({ kind: "done" });
  expect(supervision.onEnd({ kind: "ended" }, true, 0, noJitter)).toEqual({ kind: "done" });
});

test("a process that dies while it is being cancelled is not replaced", () => {
  expect(new ProcessSupervision(policy).onEnd(nothing, true, 0, noJitter)).toEqual({ kind: "cancelled" });
});

describe("a failure that the process told of", () => {
  test("is the job's own, and ends it", () => {
    const error = wire("ERR_JOB_FAILED", wire("ERR_RT_ESCALATED", wire("ERR_ACT_OPERATOR_FAILED")));

    expect(new ProcessSupervision(policy).onEnd({ kind: "failed", error }, false, 0, noJitter)).toEqual({
      kind: "fail",
      error,
    });
  });

  test.each(["ERR_RT_INVARIANT", "ERR_RT_REPLACEMENTS_SPENT", "ERR_RT_SERVICE_THREAD", "ERR_RT_THREAD_START"])(
    "by %s is the process's, and a new process goes on, within the same budget",
    (code) => {
      const error = wire("ERR_JOB_FAILED", wire("ERR_RT_ESCALATED", wire(code)));
      const supervision = new ProcessSupervision(policy);
      const failed: LastWord = { kind: "failed", error };

      expect(isProcessFault(error)).toBe(true);
      const kinds = [0, 0, 0, 0].map(() => supervision.onEnd(failed, false, 0, noJitter).kind);
      expect(kinds).toEqual(["restart", "restart", "restart", "give-up"]);
    },
  );

  test.each(["ERR_JOB_STORAGE_LOCKED", "ERR_JOB_STORAGE_DAMAGED", "ERR_JOB_STORAGE", "ERR_JOB_LOAD"])(
    "by %s would come again, and ends it",
    (code) => {
      expect(isProcessFault(wire(code))).toBe(false);
    },
  );
});
