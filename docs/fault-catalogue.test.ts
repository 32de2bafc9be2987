import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { simulatedFaults } from "../jobs/simulation/swarm/simulated-faults.ts";
import { Page, root } from "./testing/page.ts";

const page = new Page("docs/fault-catalogue.md");
const rows = page.tableRows.map(([id = "", what, inSimulation = "", forReal, holds = "", tests = ""]) => ({
  id,
  what,
  inSimulation,
  forReal,
  holds,
  tests,
}));

test("the catalogue has the faults F01 to F50, in order, each with what there is to say of it", () => {
  expect(rows.map(({ id }) => id)).toEqual(
    Array.from({ length: 50 }, (_, index) => `F${`${index + 1}`.padStart(2, "0")}`),
  );
  for (const row of rows)
    expect(
      Object.values(row).every((cell) => cell !== undefined && cell !== ""),
      row.id,
    ).toBe(true);
});

test("each fault names tests that exist", () => {
  for (const { id, tests } of rows) {
    const paths = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, path = ""]) => posix.join("docs", path));
    for (const path of paths) {
      expect(path, id).toMatch(/\.test\.ts$/);
      expect(existsSync(join(root, path)), `${id}: ${path}`).toBe(true);
    }
    expect(paths.length, id).toBeGreaterThan(0);
  }
});

test("each invariant that is named is one of those that are checked", () => {
  const known = new Page("docs/mutants.md").tableRows.map(([id]) => id);
  const named = rows.flatMap(({ holds }) => [...holds.matchAll(/\b[IP]\d+/g)].map(([id]) => id));

  expect(named.filter((id) => !known.includes(id))).toEqual([]);
  expect(new Set(named).size).toBeGreaterThan(8);
});

test("the faults that are said to be drawn by the swarm are those that it draws", () => {
  const drawn = rows.filter(({ inSimulation }) => inSimulation.startsWith("**swarm**")).map(({ id }) => id);

  expect(drawn).toEqual(simulatedFaults);
});
