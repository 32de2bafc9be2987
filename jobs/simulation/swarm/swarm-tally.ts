/** SwarmTally: what many seeds of the swarm have shown, added up: how often each fault struck and was recovered from, what failed. */

import type { Guarantee } from "../../epochs/guarantee.ts";
import type { Violation } from "../invariants/violation.ts";
import { swarmEventsMin } from "./draw-plan.ts";
import { swarmFaultsMin } from "./draw-remainder.ts";
import { simulatedFaults } from "./simulated-faults.ts";
import type { SwarmSeedResult } from "./swarm-seed.ts";

/** What is kept of a seed; plain data, which crosses processes. */
export interface SeedSummary {
  readonly seed: number;
  readonly guarantee: Guarantee;
  readonly violations: readonly Violation[];
  readonly faultCount: number;
  readonly events: number;
  readonly struck: ReadonlyMap<string, number>;
  readonly recovered: ReadonlyMap<string, number>;
}

export function summaryOf(result: SwarmSeedResult): SeedSummary {
  const { seed, guarantee, violations, faultCount, events, struck, recovered } = result;
  return { seed, guarantee, violations, faultCount, events, struck, recovered };
}

export class SwarmTally {
  seedCount = 0;
  eventCount = 0;
  faultCount = 0;
  /** Of the seed that had the fewest. */
  eventsMin = Number.POSITIVE_INFINITY;
  faultsMin = Number.POSITIVE_INFINITY;
  /** Seeds with fewer events or faults than each is to have: they say little. */
  readonly easy: number[] = [];
  readonly failed: SeedSummary[] = [];
  readonly seedsByGuarantee = new Map<Guarantee, number>();
  readonly #struck = new Map<string, number>();
  readonly #recovered = new Map<string, number>();

  add(summary: SeedSummary): void {
    const { guarantee, violations, faultCount, events, struck, recovered } = summary;
    this.seedCount += 1;
    this.eventCount += events;
    this.faultCount += faultCount;
    this.eventsMin = Math.min(this.eventsMin, events);
    this.faultsMin = Math.min(this.faultsMin, faultCount);
    this.seedsByGuarantee.set(guarantee, (this.seedsByGuarantee.get(guarantee) ?? 0) + 1);
    addTo(this.#struck, struck);
    addTo(this.#recovered, recovered);
    if (events < swarmEventsMin || faultCount < swarmFaultsMin) this.easy.push(summary.seed);
    if (violations.length > 0) this.failed.push(summary);
  }

  /** Of each fault of the catalogue that the swarm draws. */
  coverage(): { readonly id: string; readonly struck: number; readonly recovered: number }[] {
    return simulatedFaults.map((id) => ({
      id,
      struck: this.#struck.get(id) ?? 0,
      recovered: this.#recovered.get(id) ?? 0,
    }));
  }

  /** Faults that no seed has recovered from; told after so many seeds that each should have been. */
  uncovered(): string[] {
    if (this.seedCount < seedsForCoverage) return [];
    return this.coverage()
      .filter(({ recovered }) => recovered === 0)
      .map(({ id }) => id);
  }
}

/** The rarest fault strikes in one seed of 25. */
const seedsForCoverage = 500;

function addTo(sums: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [id, count] of counts) sums.set(id, (sums.get(id) ?? 0) + count);
}
