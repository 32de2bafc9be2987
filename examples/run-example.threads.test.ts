import { expect, test } from "vitest";
import type { Example } from "./example.ts";
import { runExample } from "./run-example.ts";

test("an example that ends well and prints what is expected has no problem", async () => {
  const result = await run({
    command: script('console.log("out"); console.error("err")'),
    expect: [/^out$/m, /^err$/m],
  });

  expect(result.problems).toEqual([]);
});

test.each<readonly [string, Partial<Example>, readonly string[]]>([
  ["output that is not there", { command: script('console.log("a")'), expect: [/a/, /b/] }, ["its output lacks /b/"]],
  ["an exit code", { command: script("process.exit(3)") }, ["ended with exit code 3"]],
  ["a signal", { command: script("process.kill(process.pid, 'SIGTERM')") }, ["was ended by SIGTERM"]],
  [
    "running too long",
    { command: script("setInterval(() => {}, 1000)"), timeoutMs: 300 },
    ["did not end within 300 ms"],
  ],
])("%s is a problem", async (_what, example, problems) => {
  expect((await run(example)).problems).toEqual(problems);
});

test("a command that does not exist is a problem", async () => {
  const { problems } = await run({ command: ["no-such-program-of-millrace"] });

  expect(problems).toEqual([expect.stringMatching(/^could not be started: .*ENOENT/)]);
});

function run(example: Partial<Example>) {
  return runExample({ name: "sample", command: [], expect: [], timeoutMs: 20_000, ...example }, import.meta.dirname);
}

function script(code: string): string[] {
  return ["node", "-e", code];
}
