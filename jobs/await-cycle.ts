/**
 * AwaitCycle: operators that would await their inputs for ever. What leads to the other inputs of one that awaits stands still
 * meanwhile; when the awaited input comes from there as well, it is never over. Found when a job is built: under at-most-once it would
 * stand still, under the other guarantees keep most of the stream as state.
 */

import { AwaitCycleError } from "./graph-errors.ts";
import { type GraphNode, type JobGraph, leadingTo, nodeTitle } from "./job-graph.ts";

interface Awaiting {
  readonly node: GraphNode;
  /** Ids of what its awaited input comes from. */
  readonly awaited: ReadonlySet<number>;
  /** Ids of what stands still while it awaits that. */
  readonly held: ReadonlySet<number>;
}

/** @throws ERR_JOB_AWAIT_CYCLE */
export function checkAwaited(graph: JobGraph): void {
  const all = graph.nodes.flatMap((node) => awaitingOf(node, graph));
  const cycle = cycleOf(all);
  if (cycle === undefined) return;
  const lines = cycle.map((each, index) => {
    const holder = cycle[(index + 1) % cycle.length] as Awaiting;
    const common = graph.nodes.find(({ id }) => each.awaited.has(id) && holder.held.has(id)) as GraphNode;
    const [name, holderName] = [each, holder].map(({ node }) => JSON.stringify(node.name));
    return `what ${name} awaits comes from ${nodeTitle(common)}, which stands still while ${holderName} awaits`;
  });
  throw new AwaitCycleError(
    `awaiting would never end: ${lines.join("; ")}; read the table by a source of its own, or do not await it`,
    { details: { operators: cycle.map(({ node }) => node.name) } },
  );
}

function awaitingOf(node: GraphNode, graph: JobGraph): Awaiting[] {
  if (node.kind !== "operator" || node.spec.awaitsInput === undefined) return [];
  const { awaitsInput } = node.spec;
  const inputs = graph.edges.filter(({ to }) => to === node.id);
  const behindInputs = (awaited: boolean): ReadonlySet<number> =>
    leadingTo(
      inputs.filter(({ inputIndex }) => (inputIndex === awaitsInput) === awaited).map(({ from }) => from),
      graph.edges,
    );
  return [{ node, awaited: behindInputs(true), held: behindInputs(false) }];
}

/** Each holds up the one before it, the first one the last. */
function cycleOf(all: readonly Awaiting[]): readonly Awaiting[] | undefined {
  const done = new Set<Awaiting>();
  const behind = (way: readonly Awaiting[]): readonly Awaiting[] | undefined => {
    const last = way.at(-1) as Awaiting;
    for (const holder of all) {
      if (holder.held.isDisjointFrom(last.awaited) || done.has(holder)) continue;
      const start = way.indexOf(holder);
      const found = start >= 0 ? way.slice(start) : behind([...way, holder]);
      if (found !== undefined) return found;
    }
    done.add(last);
    return undefined;
  };
  return all.map((first) => (done.has(first) ? undefined : behind([first]))).find((found) => found !== undefined);
}
