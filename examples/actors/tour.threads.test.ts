import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ActorSystem } from "../../runtime/index.ts";
import { tour } from "./tour.ts";

test("the tour prints what its README shows, with an actor on a worker thread", async () => {
  await using system = await ActorSystem.start({ threads: 1 });
  const lines: string[] = [];

  await tour(system, (line) => lines.push(line));

  const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
  expect(readme).toContain(`${lines.join("\n")}\n`);
});
