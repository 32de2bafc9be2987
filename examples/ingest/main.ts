/**
 * A socket that loses nothing: sends readings over TCP to a process, kills it before its first checkpoint, starts another one,
 * which has them all, and sends more.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { givenArguments, refuse } from "../given-arguments.ts";
import { serve } from "./service.ts";

const usage = "node examples/ingest/main.ts: sends readings to a process, kills it, and looks at what the next one has";
const [command, storage = ""] = givenArguments(usage, 2);
if (command === undefined) await demonstrate();
else if (command === "serve") await serve(storage);
else refuse(`unexpected argument ${command}`, usage);

async function demonstrate(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-ingest-"));
  try {
    const first = start("first process", folder);
    await send(await first.port, 1_000);
    await first.says("north 500 readings, sum 249500; south 500 readings, sum 250000");
    first.child.kill("SIGKILL");
    await once(first.child, "close");
    console.log("killed, before any checkpoint was made");

    const second = start("second process", folder);
    await second.says("north 500 readings, sum 249500; south 500 readings, sum 250000");
    await send(await second.port, 10);
    await second.says("north 505 readings, sum 249520; south 505 readings, sum 250025");
    second.child.kill("SIGKILL");
    await once(second.child, "close");
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Service {
  readonly child: ChildProcess;
  readonly port: Promise<number>;
  /** Resolves when the process has printed the line. */
  says(line: string): Promise<void>;
}

function start(name: string, folder: string): Service {
  const child = spawn(process.execPath, [import.meta.filename, "serve", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = Promise.withResolvers<number>();
  const printed = new Set<string>();
  let onLine: () => void = () => undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    console.log(`${name}: ${line}`);
    printed.add(line);
    const listens = /^listens on port (\d+)$/.exec(line);
    if (listens !== null) port.resolve(Number(listens[1]));
    onLine();
  });
  return {
    child,
    port: port.promise,
    says: (line) =>
      new Promise((resolve) => {
        onLine = () => {
          if (printed.has(line)) resolve();
        };
        onLine();
      }),
  };
}

async function send(port: number, count: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  for (let value = 0; value < count; value += 1) socket.write(`${value % 2 === 0 ? "north" : "south"} ${value}\n`);
  socket.end();
  await once(socket, "close");
}
