import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { mutantNames, mutated, withMutant } from "./mutants.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("a mutant is on while the function runs that it is given, and no other is", async () => {
  const [first, second] = mutantNames;

  const seen = await withMutant(first, async () => [mutated(first), mutated(second)]);

  expect(seen).toEqual([true, false]);
  expect(mutantNames.filter(mutated)).toEqual([]);
});

test("it is off again when the function fails, and a second one at a time is refused", async () => {
  const [first, second] = mutantNames;

  const failed = withMutant(first, () => withMutant(second, async () => undefined));

  await expect(failed).rejects.toMatchObject({ code: "ERR_RT_INVARIANT" });
  expect(mutantNames.filter(mutated)).toEqual([]);
});

test("every name stands in the sources at one place, and no other does", () => {
  const files = globSync("{runtime,actors,jobs}/**/*.ts", { cwd: root }).filter((path) => !/\.test\.ts$/.test(path));
  const placed = files.flatMap((path) => {
    const found = readFileSync(`${root}/${path}`, "utf8").matchAll(/\bmutated\(\s*"([^"]+)"/g);
    return [...new Set([...found].map(([, name]) => name))];
  });

  expect(placed.toSorted()).toEqual(mutantNames.toSorted());
});
