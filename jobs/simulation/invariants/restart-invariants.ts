/** Who starts over when something fails, from what, how often, and who looks after it: P1, P4, I5, I12. */

import type { Fact } from "../../../runtime/index.ts";
import { regionOf } from "../../epochs/region.ts";
import { unkeptChannels } from "../../epochs/unkept-channels.ts";
import type { GraphNode } from "../../job-graph.ts";
import type { ChainPlan } from "../../job-plan.ts";
import { operatorPath } from "../../run/chain-cell.ts";
import { cellKey } from "../../run/channel-attempts.ts";
import { policyOnMain } from "../../run/operator-policy.ts";
import type { NotedFact, RunRecord } from "./run-record.ts";
import type { Violation } from "./violation.ts";

/** P1: who has seen what a failed cell did since the checkpoint starts over, and nobody else does but who can send nothing again. */
export function restartsBeyondRegion(record: RunRecord): Violation[] {
  const { guarantee, plan, graph, facts, lives, status } = record;
  const cellByPath = cellsByPath(record);
  const violations: Violation[] = [];
  for (const noted of byLife(facts).values()) {
    const failed = noted.filter(({ fact }) => fact.kind === "actor-failed" && fact.directive !== "none");
    if (failed.some(({ fact }) => fact.kind === "actor-failed" && fact.directive === "escalate")) continue;
    const failedCells = failed.flatMap(({ fact }) => cellOf(fact, cellByPath) ?? []);
    const reached =
      guarantee === "at-most-once"
        ? new Set(failedCells)
        : regionOf(plan, graph, failedCells, "exactly-once", unkeptChannels(plan, graph));
    const stoppingMs = stoppingFrom(noted, cellByPath);
    const started = noted.filter(
      ({ fact, atMs }) => (fact.kind === "actor-started" || fact.kind === "actor-restarted") && atMs < stoppingMs,
    );
    const restarted = started.filter(({ fact }) => fact.kind === "actor-restarted");
    for (const { fact, atMs } of restarted) {
      const cell = cellOf(fact, cellByPath);
      if (cell === undefined || reached.has(cell)) continue;
      violations.push({
        invariant: "P1",
        message: `cell ${cell} started over at ${atMs.toFixed(1)} ms, outside of every region`,
      });
    }
    const hasEnded = noted[0]?.life === lives && status === "completed";
    if (guarantee !== "exactly-once" || !hasEnded) continue;
    for (const { fact, atMs } of failed) {
      const cell = cellOf(fact, cellByPath);
      if (cell === undefined || fact.kind !== "actor-failed" || fact.directive !== "restart") continue;
      const since = started.filter((each) => each.atMs >= atMs);
      // The last checkpoint was written when it failed: the run was over before a thread was back. Main is there at once.
      const isOver = stoppingMs < Number.POSITIVE_INFINITY && since.every((each) => isOnMain(each.fact));
      if (isOver || since.length === 0) continue;
      // Who sends to it keeps something again behind a failure, or not.
      for (const along of regionOf(plan, graph, [cell], guarantee, new Set())) {
        // One that had not started yet starts for the first time.
        const isBack = since.some((each) => cellOf(each.fact, cellByPath) === along);
        if (isBack) continue;
        const message = `cell ${cell} failed at ${atMs.toFixed(1)} ms, and cell ${along} behind it did not start over`;
        violations.push({ invariant: "P1", message });
      }
    }
  }
  return violations.slice(0, shownMax);
}

/** P4: who starts over starts from the last complete checkpoint, and none is completed by the dead meanwhile. */
export function startsFromOtherEpoch({ starts, guarantee }: RunRecord): Violation[] {
  if (guarantee === "at-most-once") return [];
  return starts
    .filter(({ epoch, storedEpoch }) => epoch !== storedEpoch)
    .slice(0, shownMax)
    .map(({ cell, atMs, epoch, storedEpoch }) => ({
      invariant: "P4",
      message: `cell ${cell} starts at ${atMs.toFixed(1)} ms from checkpoint ${epoch}, and ${storedEpoch} is complete by then`,
    }));
}

/** I5: nothing of an incarnation is taken for that of the next one: its channels get new attempts. */
export function attemptsUsedAgain(record: RunRecord): Violation[] {
  const cellByPath = cellsByPath(record);
  const facts = byLife(record.facts);
  const newest = new Map<string, number>();
  const violations: Violation[] = [];
  for (const { life, cell, atMs, incarnation, attempts } of record.starts) {
    if (atMs >= stoppingFrom(facts.get(life) ?? [], cellByPath)) continue;
    for (const [channel, attempt] of Object.entries(attempts)) {
      const place = `${life} ${channel}`;
      const before = newest.get(place) ?? 0;
      newest.set(place, Math.max(before, attempt));
      if (attempt > before) continue;
      violations.push({
        invariant: "I5",
        message: `incarnation ${incarnation} of cell ${cell} starts at ${atMs.toFixed(1)} ms under attempt ${attempt} of channel ${channel}, which was used`,
      });
    }
  }
  return violations.slice(0, shownMax);
}

/** I12: as many restarts within a time as the policy of an operator grants, and then its failure is passed on; not sooner. */
export function restartsOffBudget(record: RunRecord): Violation[] {
  const violations: Violation[] = [];
  const chainByPath = chainsByPath(record);
  const failures = record.facts.flatMap(({ life, atMs, fact }) => {
    const chain = fact.kind === "actor-failed" ? chainByPath.get(fact.path) : undefined;
    return fact.kind === "actor-failed" && chain !== undefined ? [{ life, atMs, fact, chain }] : [];
  });
  for (const own of Map.groupBy(failures, ({ life, fact }) => `${life} ${fact.path}`).values()) {
    const [first] = own;
    if (first === undefined) continue;
    const { restartsMax, restartsWithinMs } = policyOnMain(headOf(record, first.chain));
    const granted = own.filter(({ fact }) => fact.directive === "restart" && !isRetry(fact.error.details));
    const grantedBefore = (atMs: number, withinMs: number) =>
      granted.filter((each) => each.atMs < atMs && atMs - each.atMs < withinMs).length;
    const { path } = first.fact;
    const beyond = granted.find(({ atMs }) => grantedBefore(atMs, restartsWithinMs - toleranceMs) > restartsMax - 1);
    if (beyond !== undefined) {
      const message = `${path} was restarted more than ${restartsMax} times within ${restartsWithinMs} ms, up to ${beyond.atMs.toFixed(1)} ms`;
      violations.push({ invariant: "I12", message });
    }
    const sooner = own.find(
      ({ atMs, fact }) => isSpent(fact) && grantedBefore(atMs, restartsWithinMs + toleranceMs) < restartsMax,
    );
    if (sooner !== undefined) {
      const message = `the failure of ${path} at ${sooner.atMs.toFixed(1)} ms was passed on before ${restartsMax} restarts within ${restartsWithinMs} ms`;
      violations.push({ invariant: "I12", message });
    }
  }
  return violations.slice(0, shownMax);
}

/** I12: when a run has ended, every actor that was started has stopped. */
export function actorsLeftBehind({ facts, lives, status }: RunRecord): Violation[] {
  if (status === "hung") return [];
  const living = new Set<string>();
  for (const { life, fact } of facts) {
    if (life !== lives) continue;
    if (fact.kind === "actor-started") living.add(fact.path);
    if (fact.kind === "actor-stopped") living.delete(fact.path);
  }
  return living.size === 0
    ? []
    : [{ invariant: "I12", message: `left behind: ${[...living].slice(0, shownMax).join(", ")}` }];
}

const shownMax = 3;
/** A thread that works is ahead of the world by less. */
const toleranceMs = 20;

/** What would have been answered by a restart, had there been one left. */
function isSpent({ directive, error }: Extract<Fact, { kind: "actor-failed" }>): boolean {
  if (directive !== "escalate" || isRetry(error.details)) return false;
  const { details } = error;
  const wish =
    typeof details === "object" && details !== null && "directive" in details ? details.directive : undefined;
  return wish === "restart" || error.code === "ERR_RT_HOST_LOST";
}

/** What is tried again for an event is bounded by its retries. */
function isRetry(details: unknown): boolean {
  return typeof details === "object" && details !== null && "retry" in details;
}

/** From when on the cells of a life stop, because the run is over: one that starts behind that does not begin any more. */
function stoppingFrom(facts: readonly NotedFact[], cellByPath: ReadonlyMap<string, string>): number {
  const first = facts.find(
    ({ fact }) => fact.kind === "actor-stopped" && fact.reason === "stopped" && cellByPath.has(fact.path),
  );
  return first?.atMs ?? Number.POSITIVE_INFINITY;
}

function byLife(facts: readonly NotedFact[]): ReadonlyMap<number, readonly NotedFact[]> {
  return Map.groupBy(facts, ({ life }) => life);
}

function cellOf(fact: NotedFact["fact"], cellByPath: ReadonlyMap<string, string>): string | undefined {
  return "path" in fact ? cellByPath.get(fact.path) : undefined;
}

function isOnMain(fact: NotedFact["fact"]): boolean {
  return "host" in fact && fact.host === 0;
}

function cellsByPath(record: RunRecord): ReadonlyMap<string, string> {
  return new Map(
    record.plan.chains.flatMap((chain) =>
      chain.instances.map(({ instance }) => [pathOf(record, chain, instance), cellKey(chain.id, instance)] as const),
    ),
  );
}

function chainsByPath(record: RunRecord): ReadonlyMap<string, ChainPlan> {
  return new Map(
    record.plan.chains.flatMap((chain) =>
      chain.instances.map(({ instance }) => [pathOf(record, chain, instance), chain] as const),
    ),
  );
}

function headOf({ graph }: RunRecord, chain: ChainPlan): GraphNode {
  return graph.nodes[chain.nodes[0] as number] as GraphNode;
}

function pathOf(record: RunRecord, chain: ChainPlan, instance: number): string {
  return operatorPath(record.system, record.graph.name, headOf(record, chain).name, instance);
}
