/**
 * A hundred servers send what they measure and log over TCP; some of them get into trouble. Prints the first alerts, and how long after
 * its event each of them was there: `node examples/monitoring/main.ts [seconds]`.
 */

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ActorSystem } from "../../jobs/index.ts";
import { givenArguments, refuse } from "../given-arguments.ts";
import monitoring, { type Alert } from "./monitoring.job.ts";
import { measureMs, signalsAt, troubleKinds, troublesOf } from "./signal.ts";

const serverCount = 100;
const usage =
  "node examples/monitoring/main.ts [seconds, 8 unless given]: shows how long after its event each alert is there";
const [seconds = "8"] = givenArguments(usage, 1);
const durationMs = Number(seconds) * 1_000;
if (!(durationMs >= 1_000 && durationMs <= 3_600_000))
  refuse(`seconds: expected a number from 1 to 3600, got ${seconds}`, usage);
const shown = 6;
const troubles = troublesOf(serverCount, durationMs);

const port = await freePort();
await using system = await ActorSystem.start({ threads: 2 });
const run = await system.submit(monitoring, { params: { port } });
await run.started;

interface Told extends Alert {
  readonly latencyMs: number;
}

const alerts: Told[] = [];
const watching = watch();
const sent = await sendAll();
// All have been told a moment later; a machine that is busy otherwise may take longer.
for (let waits = 0; alerts.length < troubles.length && waits < 200; waits += 1) await sleep(100);
const counted = await run.report();
await run.cancel();
await watching;
report();

/** Shows alerts as they come, and how late. */
async function watch(): Promise<void> {
  for await (const alert of run.output<Alert>("alerts")) {
    const latencyMs = Date.now() - alert.at;
    alerts.push({ ...alert, latencyMs });
    if (alerts.length <= shown)
      console.log(`${alert.server}  ${alert.what.padEnd(8)}  ${latencyMs} ms behind its event`);
  }
}

/** Sends the signals of all servers, each at its time; returns how many. */
async function sendAll(): Promise<number> {
  const sockets = await Promise.all(
    Array.from({ length: serverCount }, async () => {
      const socket = connect(port, "127.0.0.1").setNoDelay();
      await once(socket, "connect");
      return socket;
    }),
  );
  const startMs = Date.now();
  let count = 0;
  for (let tick = 0; tick * measureMs < durationMs; tick += 1) {
    await sleep(Math.max(0, startMs + tick * measureMs - Date.now()));
    for (const [server, socket] of sockets.entries()) {
      const signals = signalsAt(server, tick, startMs, troubles);
      if (signals.length > 0) socket.write(signals.map((signal) => `${JSON.stringify(signal)}\n`).join(""));
      count += signals.length;
    }
  }
  for (const socket of sockets) socket.destroy();
  return count;
}

function report(): void {
  console.log(`${sent.toLocaleString("en-US")} signals of ${serverCount} servers in ${durationMs / 1_000} s`);
  const late = Math.max(...counted.operators.map(({ total }) => total.late));
  if (late > 0) console.log(`${late} of them came too late: this machine is busy otherwise`);
  for (const kind of troubleKinds) {
    const troubleCount = troubles.filter((trouble) => trouble.kind === kind).length;
    const told = alerts.filter(({ what }) => what === kind);
    console.log(`${kind.padEnd(8)}  ${troubleCount} troubles, ${told.length} alerts, ${latencies(told)}`);
  }
  console.log(`from event to alert: ${latencies(alerts)}`);
}

function latencies(of: readonly Told[]): string {
  const sorted = of.map(({ latencyMs }) => latencyMs).toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${sorted.at(-1)} ms`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  return address.port;
}
