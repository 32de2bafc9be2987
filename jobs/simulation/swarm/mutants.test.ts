import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { mutantNames } from "../../../runtime/index.ts";
import { knownSeeds } from "./fixtures/known-seeds.ts";
import { huntMutant } from "./fixtures/mutant-hunt.ts";
import { swarmSeed } from "./swarm-seed.ts";

/** What a seed draws may change: then the ones behind it notice, and `npm run mutants` says which to note. */
const seedCount = 40;

test.each(mutantNames)("%s is noticed", { timeout: 120_000 }, async (mutant) => {
  const caught = await huntMutant(mutant, { ...knownSeeds[mutant], seedCount });

  expect(caught, `${seedCount} seeds from ${knownSeeds[mutant].firstSeed} on notice nothing`).toBeDefined();
});

test("the seeds that notice them notice nothing when nothing is broken", { timeout: 120_000 }, async () => {
  const seeds = new Set(Object.values(knownSeeds).map(({ firstSeed }) => firstSeed));
  for (const seed of [...seeds].slice(0, 5)) {
    const { violations } = await swarmSeed(seed);

    expect(violations, `seed ${seed}`).toEqual([]);
  }
});

test("each stands in the table of mutants.md, and no other does", () => {
  const page = readFileSync(fileURLToPath(new URL("../../../docs/mutants.md", import.meta.url)), "utf8");
  const listed = [...page.matchAll(/^\| `([a-z]+\.[a-z-]+)` \|/gm)].map(([, name]) => name);

  expect(listed).toEqual([...mutantNames]);
});
