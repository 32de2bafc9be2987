/** From the rounds of a workload's contenders to the rows of its table. */

import type { ContenderEntry, Role } from "./contender-entry.ts";
import type { LaneOutcome } from "./interleave.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { Latency, Measurement, Phase } from "./measurement.ts";
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
  /** The longest pause for the collection of garbage in a counted round; undefined where that is not measured. */
  readonly longestPauseMs: number | undefined;
}

/** A contender without valid figures: a wrong result is no result, however fast. */
export interface RejectedRow {
  readonly kind: "wrong" | "failed" | "skipped";
  readonly name: string;
  readonly role: Role;
  readonly form: string;
  readonly reason: string;
}

export interface MeasuredEntry {
  readonly entry: ContenderEntry;
  /** What a round of it had. */
  readonly units: number;
  readonly outcome: LaneOutcome<Measurement> | { readonly kind: "skipped"; readonly reason: string };
}

export function summarise(measured: readonly MeasuredEntry[]): Row[] {
  const reference = withRole("reference", measured);
  const millrace = withRole("millrace", measured);
  return measured.map(({ entry: { name, role, form }, units, outcome }) => {
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
      timesReference: reference && pairedRatio(rates, reference.rates),
      timesMillrace: millrace && pairedRatio(rates, millrace.rates),
      coresUsed: median(rounds.map((round) => round.cpuMs / round.wallMs)),
      peakMb: Math.max(...rounds.map(({ peakMb }) => peakMb)),
      timesReferenceCpu: reference && pairedRatio(cpuPerUnit(units, rounds), reference.cpu),
      latency: latencyOf(rounds),
      phases: phasesOf(rounds),
      longestPauseMs: highest(rounds.map(({ longestPauseMs }) => longestPauseMs)),
    };
  });
}

function withRole(role: Role, measured: readonly MeasuredEntry[]) {
  const found = measured.find(({ entry }) => entry.role === role);
  if (found?.outcome.kind !== "measured") return undefined;
  const { units, outcome } = found;
  return { rates: perSecond(units, outcome.rounds), cpu: cpuPerUnit(units, outcome.rounds) };
}

function perSecond(units: number, rounds: readonly Measurement[]): number[] {
  return rounds.map(({ wallMs }) => (units / wallMs) * 1000);
}

function cpuPerUnit(units: number, rounds: readonly Measurement[]): number[] {
  return rounds.map((round) => round.cpuMs / units);
}

function phasesOf(rounds: readonly Measurement[]): Phase[] {
  const names = Object.keys(rounds[0]?.phasesUs ?? {});
  return names.flatMap((name) => {
    const latency = exact(rounds.map(({ phasesUs }) => phasesUs?.[name]));
    return latency === undefined ? [] : [{ name, ...latency }];
  });
}

function latencyOf(rounds: readonly Measurement[]): Latency | undefined {
  const recorded = rounds.flatMap((round) => round.recorded ?? []);
  if (recorded.length === 0) return exact(rounds.map(({ latenciesUs }) => latenciesUs));
  const all = new LatencyHistogram();
  for (const each of recorded) all.add(each);
  return all.count === 0 ? undefined : latency(all.count, all.maxUs, (percent) => all.percentileUs(percent));
}

function exact(rounds: readonly (Float64Array | undefined)[]): Latency | undefined {
  const latenciesUs = Float64Array.from(rounds.flatMap((round) => [...(round ?? [])])).sort();
  if (latenciesUs.length === 0) return undefined;
  return latency(latenciesUs.length, latenciesUs.at(-1) ?? 0, (percent) => percentile(latenciesUs, percent));
}

function latency(count: number, maxUs: number, percentileUs: (percent: number) => number): Latency {
  return {
    count,
    p50Us: percentileUs(50),
    p99Us: percentileUs(99),
    p999Us: percentileUs(99.9),
    p9999Us: percentileUs(99.99),
    maxUs,
  };
}

function highest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
