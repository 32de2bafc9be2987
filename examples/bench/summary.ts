/** From the rounds of a workload's contenders to the rows of its table. */

import type { LaneOutcome } from "./interleave.ts";
import type { Latency, Measurement, Phase } from "./measurement.ts";
import type { ContenderEntry, Role } from "./registry.ts";
import { median, pairedRatio, percentile } from "./statistics.ts";

export type Row = MeasuredRow | RejectedRow;

export interface MeasuredRow {
  readonly kind: "measured";
  readonly name: string;
  readonly role: Role;
  readonly form: string;
  readonly medianPerSecond: number;
  readonly minPerSecond: number;
  readonly maxPerSecond: number;
  /** How many times faster; undefined when the other one has no valid rounds. */
  readonly timesReference: number | undefined;
  readonly timesMillrace: number | undefined;
  /** CPU time divided by wall time: how many cores were busy. */
  readonly coresUsed: number;
  readonly peakMb: number;
  /** Processor time of a round, relative to that of the reference; undefined when that has no valid rounds. */
  readonly timesReferenceCpu: number | undefined;
  /** Over all counted rounds. */
  readonly latency: Latency | undefined;
  /** What it is made of, in the order in which it passes; empty where that is not measured. */
  readonly phases: readonly Phase[];
}

/** A contender without valid figures: a wrong result is no result, however fast. */
export interface RejectedRow {
  readonly kind: "wrong" | "failed";
  readonly name: string;
  readonly role: Role;
  readonly form: string;
  readonly reason: string;
}

export interface MeasuredEntry {
  readonly entry: ContenderEntry;
  readonly outcome: LaneOutcome<Measurement>;
}

export function summarise(units: number, measured: readonly MeasuredEntry[]): Row[] {
  const referenceRates = ratesOf("reference", units, measured);
  const referenceCpu = roundsOf("reference", measured)?.map((round) => round.cpuMs);
  const millraceRates = ratesOf("millrace", units, measured);
  return measured.map(({ entry: { name, role, form }, outcome }) => {
    if (outcome.kind !== "measured") return { kind: outcome.kind, name, role, form, reason: outcome.reason };
    const { rounds } = outcome;
    const rates = perSecond(units, rounds);
    return {
      kind: "measured",
      name,
      role,
      form,
      medianPerSecond: median(rates),
      minPerSecond: Math.min(...rates),
      maxPerSecond: Math.max(...rates),
      timesReference: referenceRates && pairedRatio(rates, referenceRates),
      timesMillrace: millraceRates && pairedRatio(rates, millraceRates),
      coresUsed: median(rounds.map((round) => round.cpuMs / round.wallMs)),
      peakMb: Math.max(...rounds.map(({ peakMb }) => peakMb)),
      timesReferenceCpu: referenceCpu && pairedRatio(cpuMs(rounds), referenceCpu),
      latency: latencyOf(rounds.map(({ latenciesUs }) => latenciesUs)),
      phases: phasesOf(rounds),
    };
  });
}

function ratesOf(role: Role, units: number, measured: readonly MeasuredEntry[]): number[] | undefined {
  const rounds = roundsOf(role, measured);
  return rounds && perSecond(units, rounds);
}

function roundsOf(role: Role, measured: readonly MeasuredEntry[]): readonly Measurement[] | undefined {
  const outcome = measured.find(({ entry }) => entry.role === role)?.outcome;
  return outcome?.kind === "measured" ? outcome.rounds : undefined;
}

function perSecond(units: number, rounds: readonly Measurement[]): number[] {
  return rounds.map(({ wallMs }) => (units / wallMs) * 1000);
}

function cpuMs(rounds: readonly Measurement[]): number[] {
  return rounds.map((round) => round.cpuMs);
}

function phasesOf(rounds: readonly Measurement[]): Phase[] {
  const names = Object.keys(rounds[0]?.phasesUs ?? {});
  return names.flatMap((name) => {
    const latency = latencyOf(rounds.map(({ phasesUs }) => phasesUs?.[name]));
    return latency === undefined ? [] : [{ name, ...latency }];
  });
}

function latencyOf(rounds: readonly (Float64Array | undefined)[]): Latency | undefined {
  const latenciesUs = rounds.flatMap((round) => [...(round ?? [])]);
  if (latenciesUs.length === 0) return undefined;
  return { count: latenciesUs.length, p50Us: percentile(latenciesUs, 50), p99Us: percentile(latenciesUs, 99) };
}
