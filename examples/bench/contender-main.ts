/**
 * The process of one contender on one workload: loads it, then measures a round whenever it is told to. It stays
 * alive between rounds, so its code stays compiled, and no other contender's types reach its code.
 *
 * Arguments: the workload and the contender's name.
 */

import type { Contender } from "./contender.ts";
import type { FromContender, Measurement, ToContender } from "./measurement.ts";
import { peakMemoryMb } from "./peak-memory.ts";
import { findEntry } from "./registry.ts";
import { startTaking } from "./taken.ts";

const entry = findEntry(process.argv[2] ?? "", process.argv[3] ?? "");
const contender = await load();

process.on("message", (message: ToContender) => void receive(message));
// Without its parent nobody waits for this process.
process.once("disconnect", () => process.exit());
send({ kind: "ready" });

async function load(): Promise<Contender> {
  try {
    const loaded = await entry.load();
    await loaded.setup?.();
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
        return send({ kind: "measured", measurement: await measure(message.units, message.unitsBefore) });
      case "stop":
        await contender.teardown?.();
        process.disconnect();
    }
  } catch (error) {
    fail(error);
  }
}

async function measure(units: number, unitsBefore: number): Promise<Measurement> {
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
