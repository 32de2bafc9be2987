import { expect, test } from "vitest";
import { parseArguments } from "./options.ts";

test("without arguments there are as many threads as cores, and 15 airports by number of flights", () => {
  expect(parseArguments([], 6)).toEqual({
    kind: "run",
    options: { threads: 6, top: 15, sort: "flights", guarantee: "exactly-once" },
  });
});

test("every option is taken", () => {
  const given = "--threads 3 --top 5 --sort late --guarantee at-most-once --crash thread --live --json".split(" ");

  expect(parseArguments(given, 6)).toEqual({
    kind: "run",
    options: { threads: 3, top: 5, sort: "late", guarantee: "at-most-once", crash: "thread", live: true, json: true },
  });
});

test("a storage is taken", () => {
  expect(parseArguments(["--storage", "./data", "--crash", "process"], 6)).toMatchObject({
    kind: "run",
    options: { storage: "./data", crash: "process", guarantee: "exactly-once" },
  });
});

test("the help names every option and every exit code", () => {
  const parsed = parseArguments(["--help"], 6);

  const text = parsed.kind === "help" ? parsed.text : "";
  for (const option of ["--threads", "--top", "--sort", "--guarantee", "--crash", "--storage", "--live", "--json"])
    expect(text).toContain(option);
  expect(text).toMatch(/Exit codes:\n +0 .*\n +1 .*\n +2 .*\n +130 /);
});

test.each([
  [["--threads", "two"], /--threads.*whole number from 0 to 256/],
  [["--threads", "-1"], /--threads.*whole number from 0 to 256/],
  [["--threads", "257"], /--threads.*whole number from 0 to 256/],
  [["--top", "0"], /--top.*whole number from 1/],
  [["--top", "1.5"], /--top.*whole number from 1/],
  [["--sort", "size"], /--sort.*flights, mean, worst, late/],
  [["--crash", "disk"], /--crash.*operator, thread, process/],
  [["--guarantee", "twice"], /--guarantee.*exactly-once, at-least-once, at-most-once/],
  [["--crash"], /--crash.*missing/],
  [["--thread", "1"], /unknown option '--thread'/],
  [["ORD"], /too many arguments/],
  [["--crash", "process", "--guarantee", "at-most-once"], /--crash process needs checkpoints/],
  [["--storage", "d", "--guarantee", "at-most-once"], /--storage needs checkpoints/],
  [["--threads", "0", "--crash", "thread"], /--crash thread needs a worker thread/],
])("%j is refused with what is allowed", (given, message) => {
  expect(parseArguments(given, 2)).toEqual({ kind: "invalid", message: expect.stringMatching(message) });
});
