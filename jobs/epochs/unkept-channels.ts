/**
 * unkeptChannels: the channels that need not keep what they carry until a checkpoint is complete, because their ends start over
 * together: a region takes along both of them (region.ts). What an outbox keeps is read only when its receiver starts over and
 * its sender does not, which is then never so.
 *
 * What is kept within a thread is kept by reference, and costs more to collect than all other work of a checkpoint. Between
 * threads bytes are kept, which costs little, and a thread that is lost would take its senders on others along. So a channel
 * keeps nothing where both ends are on one thread and the sender can start over without a loss: whatever it has done since the checkpoint
 * comes of what is sent to it again.
 */

import type { GraphNode, JobGraph } from "../job-graph.ts";
import type { ChainPlan, JobPlan } from "../job-plan.ts";

/** Ids of the channels of a plan that keep nothing, unless an operator has failed at an event (channel-keeping.ts). */
export function unkeptChannels({ chains, channels }: JobPlan, graph: JobGraph): ReadonlySet<number> {
  const canStartOver = chains.map(({ nodes }) => nodes.every((id) => startsOverWithoutLoss(graph.nodes[id])));
  const unkept = channels.filter(({ fromChain, fromInstance, toChain, toInstance }) => {
    return (
      canStartOver[fromChain] === true &&
      hostOf(chains, fromChain, fromInstance) === hostOf(chains, toChain, toInstance)
    );
  });
  return new Set(unkept.map(({ id }) => id));
}

/**
 * A source that finds its way back at little cost, and that nobody outside has to be told of: opening one that acknowledges cuts off
 * whoever sends to it. An operator that no messages come to: those do not come again.
 */
function startsOverWithoutLoss(node: GraphNode | undefined): boolean {
  switch (node?.kind) {
    case "source":
      return node.spec.replayable && node.spec.seeks === true && node.spec.acknowledging !== true;
    case "operator":
      return node.spec.takesMessages !== true;
    default:
      return true;
  }
}

function hostOf(chains: readonly ChainPlan[], chain: number, instance: number): number | undefined {
  return chains[chain]?.instances[instance]?.host;
}
