import { expect, test } from "vitest";
import { OptionError } from "../../runtime/index.ts";
import { printError } from "./print-error.ts";

const brief = { verbose: false };

test("an error is its code and message, then its causes", () => {
  const cause = new TypeError("no such field", { cause: "a string" });
  const error = new Error("the job failed", { cause });

  expect(printError(error, brief)).toBe(
    "error Error: the job failed\n  caused by TypeError: no such field\n  caused by thrown: a string\n",
  );
});

test("an error of millrace shows its code", () => {
  expect(printError(new OptionError("threads", -1, "0 or more"), brief)).toBe(
    "error ERR_RT_OPTION: threads: expected 0 or more, got -1\n",
  );
});

test("a code that begins the message is not repeated", () => {
  const error = Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });

  expect(printError(error, brief)).toBe("error ENOENT: no such file\n");
});

test("a cause that its error ends with is not repeated, unless stacks are shown", () => {
  const cause = Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });
  const error = new Error("the storage cannot be read: ENOENT: no such file", { cause });

  expect(printError(error, brief)).toBe("error Error: the storage cannot be read: ENOENT: no such file\n");
  expect(printError(error, { verbose: true })).toContain("\n  caused by ENOENT: no such file\n");
});

test("of a cause that says what an error before it ends with, only the code is news", () => {
  const thrown = new TypeError("no such field");
  const failed = new Error('operator "a" failed: no such field', { cause: thrown });
  const escalated = new Error("10 restarts are spent", { cause: failed });
  const error = new Error('the job failed: operator "a" failed: no such field', { cause: escalated });

  expect(printError(error, brief).split("\n").slice(0, 4)).toEqual([
    'error Error: the job failed: operator "a" failed: no such field',
    "  caused by Error: 10 restarts are spent",
    "  caused by Error",
    "  caused by TypeError",
  ]);
});

test.each([
  [null, "null"],
  [undefined, "undefined"],
  ["text", "text"],
])("a thrown %j is shown", (thrown, text) => {
  expect(printError(thrown, brief)).toBe(`error thrown: ${text}\n`);
});

test("causes that go round in a circle end", () => {
  const error = new Error("a");
  error.cause = new Error("b", { cause: error });

  expect(printError(error, brief)).toBe("error Error: a\n  caused by Error: b\n");
});

test("a long chain of causes is cut", () => {
  let error = new Error("0");
  for (let depth = 1; depth < 50; depth++) error = new Error(`${depth}`, { cause: error });

  expect(printError(error, brief).split("\n").length).toBeLessThan(15);
});

test("stacks are shown when asked for only", () => {
  const error = new Error("boom", { cause: new Error("why") });

  expect(printError(error, brief)).not.toContain(" at ");
  expect(printError(error, { verbose: true }).match(/print-error\.test\.ts/g)?.length).toBeGreaterThanOrEqual(2);
});
