/** The command of the book's jobs, as a person runs it: processes, signals, exit codes. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { freePorts } from "./demo-feed.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Starts the command; `printed` resolves when standard output holds the text. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    for (const look of waiting) look();
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const printed = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (stdout.includes(text)) resolve();
      };
      waiting.add(look);
      look();
      ended.then(() => reject(new Error(`ended without printing ${text}: ${stdout}${stderr}`)), reject);
    });
  return { child, ended, printed };
}

async function dial(port: number) {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

test("Ctrl-C drains a job and shows its totals, while a netcat is still connected", async () => {
  const [port] = (await freePorts(1)) as [number];
  const { child, ended, printed } = start("vehicle-count", "--port", `${port}`, "--threads", "1");
  await printed(`nc localhost ${port}`);
  const netcat = await dial(port);
  netcat.write("car\ntruck\ncar\n");
  await printed("car       2");

  child.kill("SIGINT");

  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^counter 0 +car 2, truck 1$/m);
  expect(stdout).toMatch(/^counter 0 +worker 1 \(thread \d+\) +3 +3 +0$/m);
});

test("a port in use ends the command with a coded error", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };

  for (const threads of ["0", "2"]) {
    const { code, stdout, stderr } = await start("fork", "--port", `${port}`, "--threads", threads).ended;

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error ERR_JOB_FAILED: .*bridge.*127\.0\.0\.1:\d+: the port is in use/);
  }
});

test.each([
  [["ferry"], 'ERR_EXAMPLE_JOB_UNKNOWN: there is no job "ferry"'],
  [["fork", "--threads", "many"], "a whole number from 0 to 256"],
  [["fork", "--port", "70000"], "a whole number from 1 to 65534"],
  [[], "missing required argument"],
])("wrong arguments (%j) end the command with exit code 2", async (args, message) => {
  const { code, stdout, stderr } = await start(...args).ended;

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
});

test("the README shows what a demonstration prints", async () => {
  const { code, stdout } = await start("two-counters-by-key", "--demo").ended;

  expect(code).toBe(0);
  expect(readFileSync(new URL("./README.md", import.meta.url), "utf8")).toContain(stdout);
});
