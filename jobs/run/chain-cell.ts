/**
 * ChainCell: makes the cell of one chain instance from graph and plan, on whichever host it lives. Main says what differs
 * from start to start: attempts of channels, and where a source goes on.
 */

import {
  type CellRestore,
  type EventFailures,
  type InputSpec,
  type LetterBounds,
  type OperatorSpec,
  type ReplayPolicy,
  type RetentionLimits,
  type SinkSpec,
  type SourceNodeSpec,
  type SourceSpec,
  type SourceStanding,
  type StageSpec,
  StreamCell,
  type StreamOutputSpec,
  sourceAt,
} from "../../actors/index.ts";
import {
  type Address,
  assert,
  type CellContext,
  type CellLogic,
  childPath,
  messageRetriesDefault,
  rootPath,
} from "../../runtime/index.ts";
import { isBare } from "../bare-edges.ts";
import type { JobDefinition } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { GraphFingerprint } from "../fingerprint.ts";
import type { GraphEdge, GraphNode, OperatorNode, SinkNode } from "../job-graph.ts";
import type { ChainInstancePlan, ChainPlan, OutputPlan } from "../job-plan.ts";
import { loadJob } from "../load-job.ts";
import { preAggregated } from "../pre-aggregated-edges.ts";
import { attachedState, type DetachedRestore } from "./detached-state.ts";
import { buildHostedJob, type HostedJob } from "./hosted-job.ts";
import { decideOnHost } from "./operator-policy.ts";

/** Which chain instance, and what differs from start to start. Plain data. */
export interface ChainStart {
  readonly chain: number;
  readonly instance: number;
  /** By channel id, for the inputs of this instance. */
  readonly attempts: Readonly<Record<number, number>>;
  /** Where its source goes on. */
  readonly standing: SourceStanding;
  /** The directory of the job's storage. */
  readonly storage: string | undefined;
  /** Whether the job goes on from what an earlier run, or this one, has stored. */
  readonly goesOn: boolean;
  /** Whether it had ended before its thread was lost. */
  readonly ended: boolean;
  /** For a cell whose input had ended, and that is to take dead letters: the stage from which on it goes on. */
  readonly reopenedAt: number | undefined;
  /** Whether it has dead letters to take before it may end. */
  readonly awaitsLetters: boolean;
  readonly letterBounds: LetterBounds;
  readonly creditEvents: number;
  readonly lingerMs: number;
  readonly guarantee: Guarantee;
  /** The checkpoint to start from; undefined for none. */
  readonly restore: CellRestore | undefined;
  /** By id, the attempts that the channels which leave it are at. */
  readonly outputAttempts: Readonly<Record<number, number>>;
  /** Channels to receivers that start over together with it: nothing is kept for them. */
  readonly unkept: readonly number[];
  /** What its operators have failed at. */
  readonly failures: readonly EventFailures[];
  readonly retention: RetentionLimits;
}

/** What a worker thread needs to make the cell; crosses threads. */
export interface ChainModuleArgs {
  readonly runId: string;
  readonly moduleUrl: string;
  readonly job: string;
  readonly params: unknown;
  readonly hostCount: number;
  readonly fingerprint: GraphFingerprint;
  readonly start: Omit<ChainStart, "restore">;
  /** Its state comes as attachments. */
  readonly restore: DetachedRestore | undefined;
}

/** A node that is no source. */
export type BoundNode = OperatorNode | SinkNode;
/** How the logic of an operator or a sink is made. */
export interface BoundSpec extends Pick<SinkSpec<unknown>, "kind" | "create"> {
  /** Whether single events are to fail in it, as planned: it is sent each of them then. */
  readonly isPoisoned?: boolean;
}

/** Called on a worker thread. Rejects with ERR_JOB_* when the job cannot be loaded or differs from that of main. */
export async function createChainCell(
  context: CellContext,
  args: unknown,
  attachments: readonly Uint8Array[],
): Promise<CellLogic> {
  const { moduleUrl, job } = args as ChainModuleArgs;
  const definition = await loadJob(moduleUrl, { name: job });
  return loadedChainCell(context, args as ChainModuleArgs, attachments, definition, ({ spec }) => spec);
}

/**
 * The same with a definition that is there already. Throws ERR_JOB_* when it differs from that of main.
 *
 * @param specOf how the operators and sinks of this instance are made
 */
export function loadedChainCell(
  context: CellContext,
  args: ChainModuleArgs,
  attachments: readonly Uint8Array[],
  definition: JobDefinition<unknown>,
  specOf: (node: BoundNode) => BoundSpec,
): StreamCell {
  const { runId, params, hostCount, fingerprint } = args;
  const hosted = context.host.share(
    `job:${runId}`,
    () => buildHostedJob(definition, params, hostCount, fingerprint, context.host.host),
    (value) => value.dispose(),
  );
  return chainCell(context, hosted.value, startOf(args, attachments), specOf, () => hosted.release());
}

export function startOf({ start, restore }: ChainModuleArgs, attachments: readonly Uint8Array[]): ChainStart {
  return { ...start, restore: attachedState(restore, attachments) };
}

/**
 * @param specOf how the operator or sink of a node is made; main binds those that hand events to its own code
 * @param release called once, when the cell has stopped
 */
export function chainCell(
  context: CellContext,
  hosted: HostedJob,
  start: ChainStart,
  specOf: (node: BoundNode) => BoundSpec,
  release: () => void | Promise<void>,
): StreamCell {
  const { graph, plan } = hosted;
  const chain = plan.chains[start.chain] as ChainPlan;
  const instance = chain.instances[start.instance] as ChainInstancePlan;
  const { system, host } = context.host;
  const nodes = chain.nodes.map((id) => graph.nodes[id] as GraphNode);
  const operators = nodes.filter((node): node is BoundNode => node.kind !== "source");
  const stageOf = (node: number) => operators.findIndex(({ id }) => id === node);
  const services = hosted.cellServices();
  const addressOf = (node: GraphNode): Address => ({
    path: operatorPath(system, graph.name, node.name, start.instance),
    host,
  });

  return new StreamCell(context, {
    job: graph.name,
    instance: start.instance,
    parallelism: chain.parallelism,
    source: sourceSpec(nodes[0] as GraphNode),
    stages: operators.map(stageSpec),
    inputs: instance.inputs.map(inputSpec),
    outputs: instance.outputs.map(outputSpec),
    ended: start.ended,
    reopenedAt: start.reopenedAt,
    awaitsLetters: start.awaitsLetters,
    letterBounds: start.letterBounds,
    retention: start.guarantee === "at-most-once" ? "none" : "until-acknowledged",
    retentionLimits: start.retention,
    alignment: start.guarantee === "exactly-once" ? "aligned" : "counted",
    restore: start.restore,
    creditEvents: start.creditEvents,
    lingerMs: start.lingerMs,
    services,
    onStopped: async () => {
      try {
        await services[Symbol.asyncDispose]();
      } finally {
        await release();
      }
    },
  });

  function sourceSpec(node: GraphNode): SourceNodeSpec | undefined {
    if (node.kind !== "source") return undefined;
    const spec = sourceAt(node.spec as SourceSpec<unknown>, start.standing.position);
    const decide = decideOnHost(node);
    // On the calling thread a source is lost with the process only, after which only a storage knows of it.
    const isReserving = spec.acknowledging || (spec.replayable && (host !== 0 || start.storage !== undefined));
    const reserve = start.guarantee === "at-most-once" && isReserving;
    const epoch = start.restore?.epoch ?? 0;
    return {
      name: node.name,
      address: addressOf(node),
      spec,
      standing: start.standing,
      storage: start.storage,
      epoch,
      reserve,
      decide,
    };
  }

  function stageSpec(node: BoundNode, index: number): StageSpec {
    const next = operators[index + 1];
    const edge =
      next === undefined ? undefined : graph.edges.find(({ from, to }) => from === node.id && to === next.id);
    return {
      name: node.name,
      address: addressOf(node),
      spec: operatorOf(node, specOf(node), start),
      chainedOutput: edge?.outputIndex,
      replay: start.guarantee === "at-most-once" ? undefined : replayPolicy(node, start.failures),
      decide: decideOnHost(node),
    };
  }

  function outputSpec({ node, outputIndex, edge: id, channels }: OutputPlan): StreamOutputSpec {
    const edge = graph.edges[id] as GraphEdge;
    const to = graph.nodes[edge.to] as GraphNode;
    const isPoisoned = to.kind === "operator" && specOf(to).isPoisoned === true;
    return {
      stage: stageOf(node),
      outputIndex,
      grouping: edge.grouping,
      preAggregation: isPoisoned ? undefined : preAggregated(edge, graph, plan),
      isBare: !isPoisoned && isBare(edge, graph),
      channels: channels.map((channel) => {
        const attemptMin = start.outputAttempts[channel];
        assert(attemptMin !== undefined, "A1: main tells the attempt of every output");
        const isUnkept = start.unkept.includes(channel);
        return { channel, to: headAddress(hosted, system, channel, "to"), attemptMin, isUnkept };
      }),
    };
  }

  function inputSpec(channel: number): InputSpec {
    const attempt = start.attempts[channel];
    assert(attempt !== undefined, "A1: main tells the attempt of every input");
    const input = graph.edges[plan.channels[channel]?.edge ?? -1]?.inputIndex ?? 0;
    return { channel, input, from: headAddress(hosted, system, channel, "from"), attempt };
  }
}

/** A sink is an operator without outputs. */
function operatorOf(node: BoundNode, { kind, create }: BoundSpec, { guarantee, goesOn }: ChainStart): OperatorSpec {
  const made = { kind, create: () => create(guarantee, goesOn) };
  // How it is made, and what it is called, may be another's business; the rest is as its author has it.
  return node.kind === "sink" ? { ...made, outputs: [] } : { ...node.spec, ...made };
}

function replayPolicy(node: GraphNode, failures: readonly EventFailures[]): ReplayPolicy {
  return {
    retriesMax: node.supervision?.messageRetries ?? messageRetriesDefault,
    whenSpent: node.supervision?.whenRetriesSpent ?? "dead-letter",
    failureCount: (event) =>
      failures.find((failure) => failure.operator === node.name && failure.event === event)?.count ?? 0,
  };
}

/** The address of the cell at one end of a channel: that of its chain's head. */
export function headAddress(hosted: HostedJob, system: string, channel: number, end: "from" | "to"): Address {
  const { graph, plan } = hosted;
  const { fromChain, fromInstance, toChain, toInstance } = plan.channels[channel] as (typeof plan.channels)[number];
  const chain = plan.chains[end === "from" ? fromChain : toChain] as ChainPlan;
  const number = end === "from" ? fromInstance : toInstance;
  const head = graph.nodes[chain.nodes[0] as number] as GraphNode;
  const { host } = chain.instances[number] as ChainInstancePlan;
  return { path: operatorPath(system, graph.name, head.name, number), host };
}

/** The path of one instance of an operator. */
export function operatorPath(system: string, job: string, operator: string, instance: number): string {
  return childPath(childPath(rootPath(system, job), operator), String(instance));
}
