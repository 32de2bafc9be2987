/** The door of the jobs room, and of the package: what a user writes and runs. */

export type {
  Emission,
  EventContext,
  Grouping,
  Key,
  OperatorContext,
  OperatorLogic,
  OperatorSpec,
  Output,
  Partition,
  SinkSpec,
  SourceContext,
  SourceReader,
  SourceSpec,
} from "../actors/index.ts";
export {
  discard,
  forEach,
  fromIterable,
  generate,
  ndjson,
  parquet,
  stdout,
  textLines,
} from "../actors/index.ts";
export type { Directive, Duration, Services, ServiceToken, SupervisionOptions } from "../runtime/index.ts";
export { MillraceError, serviceToken } from "../runtime/index.ts";
export { ActorSystem, type SubmitOptions } from "./actor-system.ts";
export { type BuildJob, buildGraph, defineJob, type JobDefinition } from "./define-job.ts";
export { type ExplainFormat, explain } from "./explain.ts";
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
export type { KeyedCount, KeyedStream, KeyedValue } from "./keyed-stream.ts";
export { type LoadJobOptions, loadJob } from "./load-job.ts";
export type { FoldOptions, OperatorOptions, SinkOptions, SourceOptions } from "./operator-options.ts";
export type { OperatorSupervision } from "./operator-supervision.ts";
export { type PlanOptions, plan } from "./planner.ts";
export { JobRun } from "./run/job-run.ts";
export type { InstanceReport, OperatorReport, RunReport, RunStatus } from "./run/run-report.ts";
export type { Stream } from "./stream.ts";
