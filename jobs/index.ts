/** The door of the jobs room, and of the package: what a user writes and runs. */

export type {
  AsyncOrder,
  CallContext,
  CsvOptions,
  Emission,
  EventContext,
  EventFormat,
  FileLinesSinkOptions,
  ForEachOptions,
  FromIterableOptions,
  GenerateOptions,
  Grouping,
  Key,
  NdjsonOptions,
  OnInvalid,
  OperatorContext,
  OperatorLogic,
  OperatorSpec,
  Output,
  ParquetOptions,
  Partition,
  PollResult,
  Position,
  ProcessContext,
  ProcessOperator,
  SinkSpec,
  SourceContext,
  SourceDefinition,
  SourceOutput,
  SourceProgress,
  SourceReader,
  SourceSpec,
  SplitRule,
  StdoutOptions,
  TcpLinesOptions,
  TcpListenOptions,
  TextLinesInOptions,
  TextLinesOptions,
} from "../actors/index.ts";
export {
  csv,
  defineSource,
  discard,
  fileLines,
  forEach,
  fromIterable,
  generate,
  ndjson,
  parquet,
  stdinLines,
  stdout,
  tcpLines,
  tcpListen,
  textLines,
  textLinesIn,
} from "../actors/index.ts";
export type {
  ActorContext,
  ActorDefinition,
  ActorHandlers,
  ActorOptions,
  ActorRef,
  ActorSystemOptions,
  Address,
  AskOptions,
  DeadLetter,
  Directive,
  Duration,
  Fact,
  FactKind,
  HostStatus,
  Logger,
  LogLevel,
  Receive,
  Services,
  ServiceToken,
  SpawnOptions,
  SupervisionOptions,
  TopLevelSpawnOptions,
} from "../runtime/index.ts";
export { defineActor, MillraceError, RemoteError, StderrLogger, serviceToken } from "../runtime/index.ts";
export { ActorSystem, type SubmitOptions } from "./actor-system.ts";
export { BuilderError } from "./builder-error.ts";
export { RunProgress, type RunProgressOptions } from "./cli/run-progress.ts";
export { type BuildJob, buildGraph, defineJob, type JobDefinition } from "./define-job.ts";
export { type ExplainFormat, explain } from "./explain.ts";
export { GraphMismatchError } from "./fingerprint.ts";
export {
  ForeignStreamError,
  ForwardError,
  GraphShapeError,
  JobTooLargeError,
  NoSourceError,
  OperatorNameTakenError,
  ParallelismError,
  StreamTwiceError,
  UnconsumedStreamError,
} from "./graph-errors.ts";
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
export { JobFileMissingError, JobLoadError, JobNotFoundError, type LoadJobOptions, loadJob } from "./load-job.ts";
export type {
  FoldOptions,
  MapAsyncStreamOptions,
  OperatorOptions,
  ParseStreamOptions,
  ProcessStreamOptions,
  SinkOptions,
  SourceOptions,
  SplitStreamOptions,
  ThrottleStreamOptions,
} from "./operator-options.ts";
export type { OperatorSupervision } from "./operator-supervision.ts";
export { type PlanOptions, plan } from "./planner.ts";
export type { StreamProcess, StreamProcessMaker } from "./process-maker.ts";
export { JobRun } from "./run/job-run.ts";
export type { InstanceReport, OperatorReport, RunReport, RunStatus } from "./run/run-report.ts";
export type { SplitRules, SplitStreams } from "./split-streams.ts";
export type { Stream } from "./stream.ts";
