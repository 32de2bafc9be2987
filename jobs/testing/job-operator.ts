/** operatorHarness: one operator or sink of a job, by its name, with the keys that its events have there and the services of the job. */

import type { Key } from "../../actors/index.ts";
import { OperatorHarness, type OperatorHarnessOptions, operatorHarnessNames } from "../../actors/testing/index.ts";
import { checkNames, type OptionNames } from "../../runtime/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import { edgesInto, type JobGraph, type OperatorNode, type SinkNode } from "../job-graph.ts";
import { OperatorUnknownError } from "../run/run-error.ts";

export interface JobOperatorOptions extends Omit<OperatorHarnessOptions, "keyOf" | "operator"> {
  /** As for `submit`. */
  readonly params?: unknown;
}

const { keyOf: _asInTheJob, operator: _byItsName, ...harnessNames } = operatorHarnessNames;
const jobOperatorNames: OptionNames<JobOperatorOptions> = { ...harnessNames, params: true };

/**
 * An operator or a sink of the job that has opened, as one instance. Services that are given take the place of those of the job.
 *
 * Rejects with ERR_RT_OPTION, ERR_JOB_OPERATOR_UNKNOWN, ERR_JOB_* for what is wrong with the graph, and with what its `open` throws.
 */
export async function operatorHarness<In = unknown, Out = unknown>(
  definition: JobDefinition<never>,
  operator: string,
  options: JobOperatorOptions = {},
): Promise<OperatorHarness<In, Out>> {
  checkNames("operatorHarness", options, jobOperatorNames);
  const { params, ...harnessOptions } = options;
  const graph = buildGraph(definition, params as never);
  const node = operatorOf(graph, operator);
  return OperatorHarness.open<In, Out>(node.spec, optionsOf(graph, node, harnessOptions));
}

/** How a harness has to run the operator as it stands in the graph. */
export function optionsOf<O extends Pick<OperatorHarnessOptions, "services">>(
  graph: JobGraph,
  node: OperatorNode | SinkNode,
  options: O,
): O & OperatorHarnessOptions {
  const { services = [] } = options;
  const own = graph.services.filter(({ token }) => services.every((given) => given.token.name !== token.name));
  const keyOf = keySelectorOf(graph, node.id);
  return {
    ...options,
    operator: node.name,
    services: [...own, ...services],
    ...(keyOf === undefined ? {} : { keyOf }),
  };
}

/** What gives the events on the way to each input of node `id` their keys. */
function keySelectorOf(graph: JobGraph, id: number): OperatorHarnessOptions["keyOf"] {
  const selectors: ((event: unknown) => Key)[] = [];
  for (const { inputIndex, grouping } of edgesInto(graph, id)) {
    if (grouping.kind === "key") selectors[inputIndex] ??= grouping.selector;
  }
  return selectors.length === 0 ? undefined : (event, input) => selectors[input]?.(event);
}

function operatorOf({ name: job, nodes }: JobGraph, name: string): OperatorNode | SinkNode {
  const candidates = nodes.filter((node) => node.kind !== "source");
  const found = candidates.find((node) => node.name === name);
  if (found !== undefined) return found;
  const names = candidates.map((node) => JSON.stringify(node.name)).join(", ");
  throw new OperatorUnknownError(
    `job ${JSON.stringify(job)} has no operator or sink named ${JSON.stringify(name)}; it has ${names}`,
    { details: { operator: name } },
  );
}
