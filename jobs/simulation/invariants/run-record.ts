/** RunRecord: what is noted of a simulation while it runs, so that it can be held against what is promised. */

import type { Fact } from "../../../runtime/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { JobGraph } from "../../job-graph.ts";
import type { JobPlan } from "../../job-plan.ts";
import type { Violation } from "./violation.ts";

/** A fact of the actors, and in which life of the process, counted from 1. */
export interface NotedFact {
  readonly atMs: number;
  readonly life: number;
  readonly fact: Fact;
}

/** An incarnation of a chain instance was made on a worker thread. */
export interface NotedStart {
  readonly atMs: number;
  readonly life: number;
  /** Chain and instance. */
  readonly cell: string;
  readonly incarnation: number;
  /** Of the checkpoint that it starts from; 0 for none. */
  readonly epoch: number;
  /** Of the last complete checkpoint at that time. */
  readonly storedEpoch: number;
  /** By input channel. */
  readonly attempts: Readonly<Record<number, number>>;
}

/** The cells that have ended in a checkpoint, and the inputs that have. */
export interface NotedEnding {
  readonly epoch: number;
  readonly cells: ReadonlySet<string>;
  /** Channels, by the cell that they lead to. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
}

/** A version of the job that another one has taken the place of. */
export interface PastVersion {
  readonly graph: JobGraph;
  readonly plan: JobPlan;
  /** The life in which it ended, and the last checkpoint of it. */
  readonly lastLife: number;
  readonly lastEpoch: number;
}

export interface RunRecord {
  /** The name of the actor system. */
  readonly system: string;
  readonly guarantee: Guarantee;
  readonly graph: JobGraph;
  readonly plan: JobPlan;
  /** Before that graph and plan. */
  readonly past: readonly PastVersion[];
  /** Failed assertions, with the path of the actor. */
  readonly assertions: readonly string[];
  readonly facts: readonly NotedFact[];
  readonly starts: readonly NotedStart[];
  readonly endings: readonly NotedEnding[];
  /** What was seen of checkpoints, and was wrong at once. */
  readonly seen: readonly Violation[];
  /** How it ended: with this status, this error, in this life. */
  readonly status: "completed" | "cancelled" | "failed" | "hung";
  readonly error: Error | undefined;
  readonly lives: number;
  readonly endMs: number;
}
