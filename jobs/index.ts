/** The door of the jobs room, and of the package: what a user writes and runs. */

export { MillraceError } from "../runtime/index.ts";
export { type BuildJob, buildGraph, defineJob, type JobDefinition } from "./define-job.ts";
export type { Grouping, GroupingKind, Partition } from "./grouping.ts";
export type { Job, ServiceOptions } from "./job-builder.ts";
export type {
  GraphEdge,
  GraphNode,
  JobGraph,
  OperatorNode,
  Placement,
  SinkNode,
  SourceNode,
} from "./job-graph.ts";
export type { ChainInstancePlan, ChainPlan, ChannelPlan, JobPlan, NodePlace, OutputPlan } from "./job-plan.ts";
export type { KeyedStream } from "./keyed-stream.ts";
export type { OperatorOptions, OperatorSupervision } from "./operator-options.ts";
export { type PlanOptions, plan } from "./planner.ts";
export type { Stream } from "./stream.ts";
