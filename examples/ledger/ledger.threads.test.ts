import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runExample } from "../run-example.ts";
import { example } from "./example.ts";
import { missingAndTwice } from "./missing-and-twice.ts";

test("a ledger whose process is killed three times holds every transfer once", async () => {
  const { problems, output } = await runExample(example, fileURLToPath(new URL("../..", import.meta.url)));

  expect(problems, output).toEqual([]);
});

test("a ledger with a gap and a repeat is seen to have them", () => {
  expect(missingAndTwice("0 a\n2 c\n2 c\n", 3)).toEqual({ missing: 1, twice: 1 });
});
