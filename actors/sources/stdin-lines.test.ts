import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const door = join(import.meta.dirname, "stdin-lines.ts");
const harness = join(import.meta.dirname, "../testing/source-harness.ts");

/** Reads two lines, is asked for another reader beside that one, closes, and reads the rest with a second incarnation; on the main thread or in a worker. */
const script = (isWorker: boolean) => `
  import { isMainThread, Worker } from "node:worker_threads";
  const code = ${JSON.stringify(`
    import { stdinLines } from ${JSON.stringify(door)};
    import { SourceHarness } from ${JSON.stringify(harness)};
    const spec = stdinLines();
    const first = await SourceHarness.open(spec);
    await first.toCount(2, 1);
    const beside = await SourceHarness.open(spec).catch(({ code }) => code);
    const rest = INCARNATIONS === 2 ? (await first.close(), await SourceHarness.open(spec)) : first;
    await rest.toEnd();
    const read = [...new Set([first, rest])].map(({ events }) => events);
    console.log(JSON.stringify({ beside, read }));
    await rest.close();
  `)};
  const text = code.replace("INCARNATIONS", ${isWorker ? '"1"' : '"2"'});
  const url = "data:text/javascript," + encodeURIComponent(text.replaceAll(/from "(.*?)"/g, 'from "file://$1"'));
  if (${isWorker}) new Worker(new URL(url)); else await import(url);
`;

describe.each([
  [
    "on the main thread, also by a second incarnation",
    false,
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["in a worker thread", true, [["a", "b", "c", "d"]]],
] as const)("standard input is read %s", (_name, isWorker, expected) => {
  test("to its end", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script(isWorker)]);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.stdin.end("a\nb\r\nc\nd");

    const [code] = await once(child, "close");

    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(JSON.parse(output)).toEqual({ beside: "ERR_ACT_STDIN_TAKEN", read: expected });
  });
});
