/** What TCP clients send to a process that is killed: whatever an operator was given stays, once. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const main = fileURLToPath(new URL("./fixtures/ingested-main.ts", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-ingested-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Starts the process, sends it lines `<client> <number>`, and waits for its end. */
async function send(client: string, lineCount: number, killAfter?: number) {
  const params = JSON.stringify({ seen: join(folder, "seen"), ...(killAfter === undefined ? {} : { killAfter }) });
  const args = [main, join(folder, "storage"), `${client} ${lineCount - 1}`, params];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const isFirst = printed === "";
    printed += text;
    if (!isFirst) return;
    const socket = connect(Number(/^port (\d+)$/m.exec(printed)?.[1]), "127.0.0.1");
    // It is lost with the process.
    socket.on("error", () => undefined);
    for (let number = 0; number < lineCount; number += 1) socket.write(`${client} ${number}\n`);
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  const kept = /^\[.*\]$/m.exec(printed)?.[0];
  return { signal, kept: kept === undefined ? undefined : (JSON.parse(kept) as string[]) };
}

test("stays when the process is killed, and is applied once", { timeout: 60_000 }, async () => {
  expect(await send("a", 20_000, 3_000)).toEqual({ signal: "SIGKILL", kept: undefined });
  expect(await send("b", 20_000, 8_000)).toEqual({ signal: "SIGKILL", kept: undefined });
  const seen = new Set((await readFile(join(folder, "seen"), "utf8")).split("\n").slice(0, -1));

  const { signal, kept = [] } = await send("c", 500);

  expect(signal).toBeNull();
  expect(new Set(kept).size).toBe(kept.length);
  expect([...seen].filter((line) => !kept.includes(line))).toEqual([]);
  for (const client of ["a", "b", "c"]) {
    const lines = kept.filter((line) => line.startsWith(client));
    expect(lines).toEqual(lines.map((_, number) => `${client} ${number}`));
  }
  expect(kept.filter((line) => line.startsWith("c"))).toHaveLength(500);
  expect(kept.length).toBeGreaterThan(3_500);
});
