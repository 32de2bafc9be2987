import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runExample } from "../run-example.ts";
import { example } from "./example.ts";

test("the board of each ten minutes holds the topics with the most posts in them", async () => {
  const { problems, output } = await runExample(example, fileURLToPath(new URL("../..", import.meta.url)));

  expect(problems, output).toEqual([]);
});
