/**
 * JobPlan: where the graph of a job runs. Chains of operators that become one cell each, their instances on hosts, and
 * the channels between them. Plain data: it can be printed, compared and sent.
 *
 * Invariants (asserted by plan-invariants.ts)
 *  L1  every node is in exactly one chain, and every chain has one instance per unit of parallelism.
 *  L2  every instance is on exactly one host; those of a chain on main are on host 0.
 *  L3  an edge within a chain has no channels; a forward edge has one per instance, from i to i; any other edge has one
 *      from every instance to every instance.
 *  L4  the id of a chain or a channel is its index, and both ends of a channel list it once.
 */

export interface JobPlan {
  /** The job's name. */
  readonly job: string;
  /** Worker threads: hosts 1 to `hostCount`. With 0 everything runs on host 0, the calling thread. */
  readonly hostCount: number;
  readonly chains: readonly ChainPlan[];
  readonly channels: readonly ChannelPlan[];
  /** For each node of the graph, by its id, the chain it is in and its index there. */
  readonly places: readonly NodePlace[];
}

export interface ChainPlan {
  /** Its index in `chains`. */
  readonly id: number;
  /** The names of its nodes, joined by ` > `. */
  readonly name: string;
  /** Ids of its nodes, from the head on. */
  readonly nodes: readonly number[];
  readonly parallelism: number;
  /** By instance number. */
  readonly instances: readonly ChainInstancePlan[];
}

export interface ChainInstancePlan {
  /** Its number, from 0. */
  readonly instance: number;
  readonly host: number;
  /** Channels that lead to the chain's head, by edge and then by upstream instance. */
  readonly inputs: readonly number[];
  /** One per edge that leaves the chain. */
  readonly outputs: readonly OutputPlan[];
}

/** The edge of a chain to another: where its partitioner picks a channel. */
export interface OutputPlan {
  /** The edge of the graph; its grouping says which partitioner. */
  readonly edge: number;
  /** The node of the chain that emits on it. */
  readonly node: number;
  /** Which of that node's outputs. */
  readonly outputIndex: number;
  /** By downstream instance; of a forward edge the only one. */
  readonly channels: readonly number[];
}

export interface ChannelPlan {
  /** Its index in `channels`. */
  readonly id: number;
  /** The edge of the graph; it says the outputs and inputs that are joined. */
  readonly edge: number;
  readonly fromChain: number;
  readonly fromInstance: number;
  readonly toChain: number;
  readonly toInstance: number;
}

export interface NodePlace {
  readonly chain: number;
  /** 0 for the head. */
  readonly indexInChain: number;
}
