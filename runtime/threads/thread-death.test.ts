import { expect, test } from "vitest";
import { MillraceError } from "../errors/millrace-error.ts";
import { toWire } from "../errors/wire-error.ts";
import { type DeathEvidence, deathError } from "./thread-death.ts";

class TestKill extends MillraceError {
  readonly code = "ERR_RT_TEST_KILL";
}

const nothing: DeathEvidence = {
  threadId: 4,
  heapLimitMb: 128,
  killedFor: undefined,
  lastWords: undefined,
  exitCode: undefined,
  rejection: undefined,
};
const failed = {
  kind: "failed",
  origin: "unhandled rejection",
  error: toWire(new TypeError("a cause", { cause: new Error("a deeper one") })),
} as const;

test("a kill is what it was done for, whatever else is known", () => {
  const killedFor = new TestKill("killed in a test");

  expect(deathError({ ...nothing, killedFor, lastWords: failed, exitCode: 1 })).toBe(killedFor);
});

test("the last words of a thread are believed before its exit code", () => {
  expect(
    deathError({ ...nothing, lastWords: failed, exitCode: 1, rejection: new Error("worker exited") }),
  ).toMatchObject({
    code: "ERR_RT_THREAD_FAILURE",
    message: "worker thread 4 died of an unhandled rejection: a cause",
    details: { threadId: 4, origin: "unhandled rejection" },
    cause: { name: "TypeError", message: "a cause", cause: { message: "a deeper one" } },
  });
});

test("a thread that gave up at its heap limit tells the figures", () => {
  const lastWords = { kind: "heap-limit", reading: { liveBytes: 80 * 1024 * 1024, limitMb: 128 } } as const;

  expect(deathError({ ...nothing, lastWords, exitCode: 1 })).toMatchObject({
    code: "ERR_RT_HEAP_LIMIT",
    details: { liveBytes: 80 * 1024 * 1024, limitMb: 128 },
  });
});

test("one that gave up for what it held outside of its heap, too", () => {
  const lastWords = { kind: "external-limit", reading: { liveBytes: 80 * 1024 * 1024, limitMb: 64 } } as const;

  expect(deathError({ ...nothing, lastWords, exitCode: 1 })).toMatchObject({
    code: "ERR_RT_EXTERNAL_LIMIT",
    details: { threadId: 4, liveBytes: 80 * 1024 * 1024, limitMb: 64 },
  });
});

test("a heap overflow that the platform contained is one too", () => {
  const rejection = Object.assign(new Error("heap"), { code: "ERR_WORKER_OUT_OF_MEMORY" });

  expect(deathError({ ...nothing, rejection, exitCode: 1 })).toMatchObject({
    code: "ERR_RT_HEAP_LIMIT",
    details: { limitMb: 128 },
    cause: rejection,
  });
});

test.each([0, 7])("an exit with code %d is a death", (exitCode) => {
  expect(deathError({ ...nothing, exitCode })).toMatchObject({
    code: "ERR_RT_THREAD_EXIT",
    message: `worker thread 4 ended with exit code ${exitCode} without being asked to`,
    details: { threadId: 4, exitCode },
  });
});

test("an end without any evidence is a death", () => {
  expect(deathError(nothing)).toMatchObject({ code: "ERR_RT_THREAD_EXIT", details: { threadId: 4 } });
});
