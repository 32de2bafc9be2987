import { describe, expect, test } from "vitest";
import { benchStream } from "./expected.ts";
import { parseArguments } from "./options.ts";
import { queries } from "./queries/queries.ts";

test("without arguments all queries are checked on the events of which the rows are known", () => {
  expect(parseArguments([])).toMatchObject({
    kind: "run",
    options: { kind: "check", queries, stream: { events: 20_000, rate: 200 }, threads: 2, guarantee: "exactly-once" },
  });
});

test("the bench measures all queries by the events of which the numbers of rows are known", () => {
  expect(parseArguments(["--bench"])).toMatchObject({
    kind: "run",
    options: { kind: "bench", queries, stream: benchStream, threads: 0, guarantee: "at-most-once" },
  });
});

test("what is given counts, for the bench, too", () => {
  const words = "--bench --query q5,q11_gap2s --events 1_000 --guarantee exactly-once --threads 1 --json out.json";

  expect(parseArguments(words.split(" "))).toMatchObject({
    kind: "run",
    options: {
      kind: "bench",
      queries: [{ name: "q5" }, { name: "q11_gap2s" }],
      stream: { events: 1_000, rate: 10_000 },
      guarantee: "exactly-once",
      threads: 1,
      jsonPath: "out.json",
    },
  });
});

test("the help names every query", () => {
  const parsed = parseArguments(["--help"]);

  expect(parsed.kind).toBe("help");
  for (const { name } of queries) expect(parsed).toMatchObject({ text: expect.stringContaining(`\n  ${name} `) });
});

describe("refused with a code is", () => {
  test.each([
    ["a query that there is not", "--query q5,q6", /no query "q6"/],
    ["a number that is none", "--events many", /from 1 to/],
    ["a guarantee that there is not", "--guarantee some", /exactly-once/],
    ["something else", "--speed", /--speed/],
    ["a bench with faults", "--bench --faults 1", /without faults/],
    ["a bench of shuffled events", "--bench --out-of-order 10", /in order/],
    ["a file for what is not measured", "--json out.json", /--bench/],
    ["faults without a thread", "--faults 1 --threads 0", /--threads 1/],
    ["faults that may change the rows", "--faults 1 --guarantee at-least-once", /exactly-once/],
    ["the bench and the generator at once", "--bench --generator", /two things/],
  ])("%s", (_, words, message) => {
    expect(parseArguments(words.split(" "))).toMatchObject({
      kind: "invalid",
      error: { code: "ERR_NEXMARK_USAGE", message: expect.stringMatching(message) },
    });
  });
});
