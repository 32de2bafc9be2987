/** checkFaults: whether a plan of faults fits a job: what it names is there, on threads that there are, and can fail like that. */

import { TransactionalLogic } from "../../actors/index.ts";
import { OptionError } from "../../runtime/index.ts";
import type { GraphNode, JobGraph } from "../job-graph.ts";
import { OperatorUnknownError } from "../run/run-error.ts";
import type { FaultAction, PlannedFault } from "./fault-action.ts";

/** Throws ERR_RT_OPTION, ERR_JOB_OPERATOR_UNKNOWN. */
export function checkFaults(faults: readonly PlannedFault[], graph: JobGraph, threads: number): void {
  for (const fault of faults) {
    // A fault without a time is no plan.
    if (fault?.trigger === undefined) {
      throw new OptionError("faults", fault, "faults with a time: at, after, every or randomly");
    }
    checkHosts(fault.action, threads);
    checkOperator(fault.action, graph);
  }
}

function checkHosts(action: FaultAction, threads: number): void {
  const hosts = action.kind === "delay" ? [action.from, action.to] : [];
  if ("target" in action && action.target.kind === "host") hosts.push(action.target.host);
  for (const host of hosts) {
    if (host > threads) throw new OptionError("host", host, `one of 0 to ${threads}, the threads of the run`);
  }
}

function checkOperator(action: FaultAction, graph: JobGraph): void {
  if (action.kind === "poison") return checkInside(action, nodeOf(graph, action.operator, 0));
  if (!("target" in action) || action.target.kind !== "operator") return;
  const node = nodeOf(graph, action.target.operator, action.target.instance);
  if (["fail", "fail-start", "fail-commit", "stall"].includes(action.kind)) checkInside(action, node);
}

/** What strikes inside the code of an operator needs one on a worker thread, and a commit one that commits. */
function checkInside({ kind }: FaultAction, node: GraphNode): void {
  if (node.kind === "source" || node.placement.kind === "main") {
    const is = node.kind === "source" ? "a source" : "a sink on the thread that submits the job";
    throw new OptionError(kind, node.name, `an operator or sink on a worker thread; this is ${is}`);
  }
  if (kind !== "fail-commit") return;
  if (node.kind === "sink" && node.spec.create("exactly-once") instanceof TransactionalLogic) return;
  throw new OptionError(kind, node.name, "a sink with transactions");
}

function nodeOf(graph: JobGraph, operator: string, instance: number): GraphNode {
  const node = graph.nodes.find(({ name }) => name === operator);
  if (node !== undefined && instance < node.parallelism) return node;
  const names = graph.nodes.map(({ name }) => JSON.stringify(name)).join(", ");
  const what =
    node === undefined
      ? `no operator named ${JSON.stringify(operator)}; it has ${names}`
      : `no instance ${instance} of operator ${JSON.stringify(operator)}; it has 0 to ${node.parallelism - 1}`;
  throw new OperatorUnknownError(`a fault cannot strike: job ${JSON.stringify(graph.name)} has ${what}`, {
    details: { operator, instance },
  });
}
