import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ActorSystem } from "../../runtime/index.ts";
import { tour } from "./tour.ts";

test("the tour prints the same on the calling thread, but for the host", async () => {
  await using system = await ActorSystem.start({ threads: 0 });
  const lines: string[] = [];

  await tour(system, (line) => lines.push(line));

  const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
  const output = `${lines.join("\n")}\n`;
  expect(readme.replaceAll("host 1", "host 0").replaceAll('"host":1', '"host":0')).toContain(output);
});
