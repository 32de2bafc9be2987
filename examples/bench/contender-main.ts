/**
 * The process of one contender on one workload, or of all of them where they are the same job: loads it, then measures a round
 * whenever it is told to. It stays alive between rounds, so its code stays compiled, and no other contender's types reach its code.
 *
 * Arguments: the workload and the names of the contenders.
 */

import type { Contender } from "./contender.ts";
import type { FromContender, Measurement, ToContender } from "./measurement.ts";
import { peakMemoryMb } from "./peak-memory.ts";
import { findEntry } from "./registry.ts";
import { startTaking } from "./taken.ts";

const [workload = "", ...names] = process.argv.slice(2);
const contenders = await load();

process.on("message", (message: ToContender) => void receive(message));
// Without its parent nobody waits for this process.
process.once("disconnect", () => process.exit());
send({ kind: "ready" });

async function load(): Promise<ReadonlyMap<string, Contender>> {
  try {
    const loaded = new Map<string, Contender>();
    for (const name of names) {
      const contender = await findEntry(workload, name).load();
      await contender.setup?.();
      loaded.set(name, contender);
    }
    return loaded;
  } catch (error) {
    fail(error);
    throw error;
  }
}

async function receive(message: ToContender): Promise<void> {
  try {
    switch (message.kind) {
      case "round":
        return send({ kind: "measured", measurement: await measure(message) });
      case "stop":
        for (const contender of contenders.values()) await contender.teardown?.();
        process.disconnect();
    }
  } catch (error) {
    fail(error);
  }
}

async function measure({ name, units, unitsBefore }: Extract<ToContender, { kind: "round" }>): Promise<Measurement> {
  const contender = contenders.get(name);
  if (contender === undefined) throw new Error(`this process has no contender "${name}"`);
  // A round must not pay for the garbage of the one before, nor for code that this collection has dropped.
  globalThis.gc?.();
  if (unitsBefore > 0) await contender.round(unitsBefore);
  const taken = startTaking();
  const { flow, answer, latenciesUs, recorded, phasesUs, longestPauseMs } = await contender.round(units);
  const { wallMs, cpuMs } = flow ?? taken();
  return { wallMs, cpuMs, peakMb: peakMemoryMb(), answer, latenciesUs, recorded, phasesUs, longestPauseMs };
}

function fail(error: unknown): void {
  send({ kind: "failed", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}

function send(message: FromContender): void {
  process.send?.(message);
}
