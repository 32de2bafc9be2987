import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faultCatalogue } from "../jobs/simulation/swarm/fault-catalogue.ts";

test("the table of the swarm names the faults that it draws, and no others", () => {
  const text = readFileSync(new URL("fault-injection.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| (F\d\d) \| (.*) \| (.*) \|$/gm)].map(([, id, what, inSimulation]) => ({
    id,
    what,
    inSimulation,
  }));

  expect(rows).toEqual(faultCatalogue);
});
