/**
 * JobComparison: what becomes of a checkpoint in a job that may be another version of the one that took it. Pure: what is
 * stored and the graph of now in, one line per operator out, with reasons, and which of them stand in the way.
 *
 * Invariants
 *  V1  every operator that is stored and every one of the graph is in exactly one line.
 *  V2  nothing that is stored is left behind without a refusal, unless the author allows it by name.
 *
 * Not here: moving what is stored into the cells of now (adopted-checkpoint.ts).
 */

import type { SourceSpec, StateFacts } from "../../actors/index.ts";
import { counted } from "../counted.ts";
import { edgesInto, type GraphNode, type JobGraph } from "../job-graph.ts";
import { isReservation } from "../run/stored-reservation.ts";
import { endedInstances, sendersOf } from "./ended-instances.ts";
import {
  holdsNothing,
  type StoredOperator,
  type StoredOperators,
  type StoredState,
  statesOf,
} from "./stored-operators.ts";

export interface OperatorChange {
  /** Its name now; of one that is not in the job any more, its name then. */
  readonly operator: string;
  readonly kind: GraphNode["kind"];
  /** The stored operator that it goes on from; undefined when it begins anew. */
  readonly storedAs: string | undefined;
  /**
   * - `kept`: goes on with what is stored
   * - `migrated`: goes on with state of an earlier version
   * - `new`: begins without state; a source at the start of its input
   * - `dropped`: what is stored of it is left behind
   * - `gone`: not in the job any more, and nothing was stored of it
   */
  readonly becomes: "kept" | "migrated" | "new" | "dropped" | "gone";
  /** What is to be said about it, in words. */
  readonly facts: readonly string[];
  /** Why the job must not start like this; undefined when it may. */
  readonly refusal: string | undefined;
}

/** @param allowDropped names of operators whose stored state or position may be left behind */
export function compareJobs(
  stored: StoredOperators,
  graph: JobGraph,
  allowDropped: readonly string[],
): readonly OperatorChange[] {
  const taken = new Map<string, string>();
  for (const { name, renamedFrom } of graph.nodes) {
    if (stored.has(name)) taken.set(name, name);
    else if (renamedFrom !== undefined && stored.has(renamedFrom)) taken.set(name, renamedFrom);
  }
  const used = new Set(taken.values());
  const changes = graph.nodes.map((node) => changeOf(node, taken.get(node.name), stored, graph, allowDropped));
  const left = [...stored].filter(([name]) => !used.has(name)).map(([, old]) => leftBehind(old, allowDropped));
  return [...withEnds(changes, stored, graph), ...left];
}

function changeOf(
  node: GraphNode,
  storedAs: string | undefined,
  stored: StoredOperators,
  graph: JobGraph,
  allowDropped: readonly string[],
): OperatorChange {
  const line = { operator: node.name, kind: node.kind, storedAs, refusal: undefined };
  const old = storedAs === undefined ? undefined : stored.get(storedAs);
  if (old === undefined) {
    const begins = node.kind === "source" ? "reads its input from the start" : "begins without state";
    return { ...line, storedAs: undefined, becomes: "new", facts: [begins] };
  }
  const facts: string[] = [];
  if (storedAs !== node.name) facts.push(`was called ${JSON.stringify(storedAs)}`);
  if (old.facts.parallelism !== node.parallelism) {
    facts.push(`${instances(old.facts.parallelism)} then, ${instances(node.parallelism)} now`);
  }
  const verdict = isSameShape(old, node, graph) ? undefined : verdictOn(old, node, graph);
  if (verdict === undefined) return { ...line, becomes: "kept", facts };
  facts.push(...verdict.facts);
  if (verdict.refusal === undefined) return { ...line, becomes: verdict.becomes, facts };
  if (allowDropped.includes(node.name)) {
    return { ...line, storedAs: undefined, becomes: "dropped", facts: [...facts, `${verdict.refusal}: begins anew`] };
  }
  return { ...line, becomes: "dropped", facts, refusal: verdict.refusal };
}

interface Verdict {
  readonly becomes: "kept" | "migrated" | "new";
  readonly facts: readonly string[];
  readonly refusal?: string;
}

/** Whether nothing has changed that its state would have to be looked at for. */
function isSameShape({ facts }: StoredOperator, node: GraphNode, graph: JobGraph): boolean {
  const version = stateOf(node)?.version ?? 1;
  return (
    facts.kind === node.kind &&
    facts.label === node.label &&
    facts.parallelism === node.parallelism &&
    facts.keyed === isKeyed(node, graph) &&
    version === 1
  );
}

function verdictOn(old: StoredOperator, node: GraphNode, graph: JobGraph): Verdict {
  const { facts } = old;
  if (holdsNothing(old) && !old.instances.some(({ ended }) => ended)) return { becomes: "kept", facts: [] };
  const became = `was a ${facts.label}, is a ${node.label}`;
  if (node.kind === "source" || facts.kind === "source") {
    if (facts.kind !== node.kind || facts.label !== node.label) {
      return { becomes: "new", facts: [became], refusal: "its position says nothing about another kind of input" };
    }
    return verdictOnSource(old, node as GraphNode & { readonly kind: "source" });
  }
  const states = statesOf(old);
  if (states.length === 0) return { becomes: "kept", facts: facts.label === node.label ? [] : [became] };
  return verdictOnStates(old, states, node, graph);
}

function verdictOnSource({ facts, instances: parts }: StoredOperator, node: GraphNode): Verdict {
  if (facts.parallelism === node.parallelism) return { becomes: "kept", facts: [] };
  if (parts.every(({ position }) => position === undefined)) return { becomes: "kept", facts: [] };
  if (parts.some(({ position }) => isReservation(position))) {
    return { becomes: "new", facts: [], refusal: "what it has reserved under at-most-once cannot be shared out" };
  }
  if (!(node.spec as SourceSpec<unknown>).replayable) {
    return { becomes: "new", facts: [], refusal: "it cannot be read from a position any more" };
  }
  return { becomes: "kept", facts: ["its shares of the input stay as they were cut, and are shared out"] };
}

function verdictOnStates(
  { facts, instances: parts }: StoredOperator,
  states: readonly StoredState[],
  node: GraphNode,
  graph: JobGraph,
): Verdict {
  const declared = stateOf(node);
  const told: string[] = [];
  let becomes: Verdict["becomes"] = "kept";
  for (const state of states) {
    const title = `state ${JSON.stringify(state.name)}`;
    const refuse = (why: string): Verdict => ({ becomes: "new", facts: told, refusal: `${title} ${why}` });
    const { kind, version, owner } = state.form;
    if (owner !== "any" && owner !== "all" && facts.keyed !== isKeyed(node, graph)) {
      return refuse(
        facts.keyed ? "is kept per key, and there are no keys now" : "is kept per instance, and there are keys now",
      );
    }
    if (owner === "instance" && parts.length !== node.parallelism) {
      return refuse(`is kept per instance, and cannot be shared out among ${instances(node.parallelism)}`);
    }
    if (declared === undefined) {
      if (facts.label !== node.label)
        return refuse(`is kept by a ${facts.label}, and the operator is a ${node.label} now`);
      continue;
    }
    if (state.name !== declared.name)
      return refuse(`is kept by a ${facts.label}, and a ${node.label} has none of that name`);
    if (version > declared.version) {
      return refuse(`is stored in version ${version}, and the job knows versions up to ${declared.version}`);
    }
    if (version === declared.version) {
      if (kind !== declared.kind)
        return refuse(`is that of a ${kind}; raise its version to migrate it to a ${declared.kind}`);
      continue;
    }
    const missing = missingMigration(version, declared);
    if (missing !== undefined) {
      return refuse(`is stored in version ${version}, and there is no migration from version ${missing}`);
    }
    becomes = "migrated";
    told.push(`${title} from version ${version} to ${declared.version}, ${counted(state.keyCount, "piece")}`);
  }
  if (parts.length !== node.parallelism) told.push(...sharedOutBy(states));
  return { becomes, facts: told };
}

function sharedOutBy(states: readonly StoredState[]): readonly string[] {
  const perKey = keyCount(states.filter(({ form }) => form.owner === "key"));
  const ofAny = states.filter(({ form }) => form.owner === "any").map(({ name }) => name);
  return [
    ...(perKey === 0 ? [] : [`${counted(perKey, "piece")} of state shared out by key`]),
    ...(ofAny.length === 0 ? [] : [`${ofAny.join(", ")} of instances that are not there any more taken over`]),
  ];
}

function leftBehind(old: StoredOperator, allowDropped: readonly string[]): OperatorChange {
  const { name, kind } = old.facts;
  const line = { operator: name, kind, storedAs: undefined, refusal: undefined };
  if (holdsNothing(old)) return { ...line, becomes: "gone", facts: ["nothing was stored of it"] };
  const states = kind === "source" ? [] : statesOf(old);
  const what =
    kind === "source"
      ? "its position in its input"
      : states.map((state) => `state ${JSON.stringify(state.name)} of ${counted(state.keyCount, "piece")}`).join(", ");
  const facts = [`not in the job any more: ${what} would be lost`];
  if (allowDropped.includes(name))
    return { ...line, becomes: "dropped", facts: [`not in the job any more: ${what} is left behind`] };
  return { ...line, becomes: "dropped", facts, refusal: `${what} would be lost` };
}

/** What has given its last results takes no more events, and gives them to as many as it gave them then. */
function withEnds(
  changes: readonly OperatorChange[],
  stored: StoredOperators,
  graph: JobGraph,
): readonly OperatorChange[] {
  const storedOf = ({ id }: GraphNode) => stored.get(changes[id]?.storedAs ?? "");
  const ends = endedInstances(graph, storedOf);
  return graph.nodes.map((node, id) => {
    const change = changes[id] as OperatorChange;
    if (change.refusal !== undefined) return change;
    const refusal = refusalOfEnds(node, storedOf(node), ends, graph);
    return refusal === undefined ? change : { ...change, refusal };
  });
}

function refusalOfEnds(
  node: GraphNode,
  old: StoredOperator | undefined,
  ends: readonly (readonly boolean[])[],
  graph: JobGraph,
): string | undefined {
  const before = old?.instances.map(({ ended }) => ended) ?? [];
  if (node.kind !== "source" && before.length !== node.parallelism && before.includes(true) && before.includes(false)) {
    return "some of its instances have given their last results and some have not: it cannot have another parallelism";
  }
  const ended = ends[node.id] ?? [];
  const living = edgesInto(graph, node.id).find((edge) =>
    ended.some(
      (hasEnded, instance) =>
        hasEnded &&
        sendersOf(edge, instance, ends[edge.from]?.length ?? 0).some((from) => ends[edge.from]?.[from] !== true),
    ),
  );
  if (living === undefined) return undefined;
  const sender = JSON.stringify(graph.nodes[living.from]?.name);
  return `its input has ended, and it has given its last results: it cannot take events of ${sender}`;
}

function stateOf(node: GraphNode): StateFacts | undefined {
  return node.kind === "operator" ? node.spec.state : undefined;
}

function isKeyed(node: GraphNode, graph: JobGraph): boolean {
  return edgesInto(graph, node.id).some(({ grouping }) => grouping.kind === "key");
}

function missingMigration(from: number, { version, migratesFrom }: StateFacts): number | undefined {
  for (let each = from; each < version; each += 1) if (!migratesFrom.includes(each)) return each;
  return undefined;
}

function keyCount(states: readonly StoredState[]): number {
  return states.reduce((sum, state) => sum + state.keyCount, 0);
}

function instances(parallelism: number): string {
  return counted(parallelism, "instance");
}
