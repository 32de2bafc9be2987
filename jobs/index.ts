/** The door of the jobs room, and of the package: what a user writes and runs. */

export type {
  Aggregate,
  AggregatesOf,
  AnyIterable,
  AsyncOrder,
  CallContext,
  CommitInfo,
  CsvOptions,
  DistinctApproxOptions,
  Emission,
  EventContext,
  EventDeadLetter,
  EventFormat,
  EventTimeOptions,
  FileLinesSinkOptions,
  ForEachOptions,
  FromIterableOptions,
  GenerateOptions,
  Grouping,
  Guarantee,
  HyperLogLog,
  Key,
  LeftTransactions,
  ListState,
  MapState,
  MeanState,
  NdjsonOptions,
  OnInvalid,
  OperatorContext,
  OperatorLogic,
  OperatorSpec,
  OperatorState,
  Ordered,
  Output,
  ParquetOptions,
  Partition,
  Picked,
  PollResult,
  Position,
  ProcessContext,
  ProcessOperator,
  QuantileOptions,
  QuantileSketch,
  ReconnectOptions,
  RecordState,
  ReducingState,
  RetryOptions,
  Scored,
  SinkSpec,
  SourceContext,
  SourceDefinition,
  SourceOutput,
  SourceProgress,
  SourceReader,
  SourceSpec,
  SplitRule,
  StateMigrations,
  StateOfKeys,
  StateVersioning,
  StdoutOptions,
  TcpLinesOptions,
  TcpListenOptions,
  TextEncoding,
  TextLinesInOptions,
  TextLinesOptions,
  Timer,
  TimerKind,
  Timers,
  TransactionalSinkDefinition,
  TransactionalWriter,
  UpsertOptions,
  ValueState,
  ValueStateOptions,
  VarianceOptions,
  VarianceState,
} from "../actors/index.ts";
export {
  AggregateLimitError,
  AggregateValueError,
  AsyncFunctionError,
  AsyncSchemaError,
  aggregate,
  CallAbandonedError,
  CallTimeoutError,
  ConnectionError,
  CsvQuoteError,
  collect,
  count,
  csv,
  DeadLetterFloodError,
  type DurableIngestOptions,
  defineSource,
  defineTransactionalSink,
  discard,
  distinct,
  distinctApprox,
  durableIngest,
  EmitOutsideError,
  EventTimeError,
  ExpansionTooLargeError,
  fileLines,
  first,
  forEach,
  fromIterable,
  generate,
  IngestDamagedError,
  IngestLockedError,
  IngestWriteError,
  InputDamagedError,
  InputUnreadableError,
  InvalidInputError,
  KeyError,
  LineTooLongError,
  ListenError,
  last,
  MixedTimesError,
  max,
  mean,
  min,
  ndjson,
  OperatorFailedError,
  OutputUnknownError,
  PartitionError,
  PositionLostError,
  ProcessError,
  parquet,
  quantile,
  quantiles,
  RetentionLimitError,
  SinkChangedError,
  SinkWriteError,
  SnapshotTooLargeError,
  SourceConsumedError,
  SourceFailedError,
  StateKindError,
  StateMigrationError,
  StateOutsideError,
  StateTooLargeError,
  StateVersionError,
  StdinTakenError,
  StreamEndedError,
  stddev,
  stdinLines,
  stdout,
  sum,
  TimersError,
  tcpLines,
  tcpListen,
  textLines,
  textLinesIn,
  topN,
  UnmatchedError,
  UnprintableEventError,
  upsert,
  variance,
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
  MetricLabels,
  MetricSample,
  Metrics,
  Receive,
  Services,
  ServiceToken,
  SpawnOptions,
  SupervisionOptions,
  TopLevelSpawnOptions,
} from "../runtime/index.ts";
export {
  ActorModuleError,
  AskTimeoutError,
  defineActor,
  MillraceError,
  NotPlainDataError,
  OptionError,
  RemoteError,
  StderrLogger,
  SystemStoppedError,
  serviceToken,
  TooManyAsksError,
  UnhandledMessageError,
} from "../runtime/index.ts";
export { ActorSystem, type SubmitOptions } from "./actor-system.ts";
export { BuilderError } from "./builder-error.ts";
export { RunProgress, type RunProgressOptions } from "./cli/run-progress.ts";
export { type BuildJob, buildGraph, defineJob, type JobDefinition } from "./define-job.ts";
export type { EpochFigures, EpochInFlight, EpochReport } from "./epochs/epoch-statistics.ts";
export { EpochTimeoutError } from "./epochs/epoch-timeout-error.ts";
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
export { DeadLetterError } from "./letters/dead-letter-error.ts";
export type { DeadLetterOptions } from "./letters/letter-options.ts";
export { JobFileMissingError, JobLoadError, JobNotFoundError, type LoadJobOptions, loadJob } from "./load-job.ts";
export type {
  CountOptions,
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
export type { OperatorSupervision, OperatorSupervisionOptions } from "./operator-supervision.ts";
export { type PlanOptions, plan } from "./planner.ts";
export { ProcessAccessError, ProcessDiedError, ProcessRestartsSpentError } from "./process/process-error.ts";
export type { ProcessFact, ProcessFactKind, ProcessFactOf } from "./process/process-facts.ts";
export { ProcessNestedError, type ProcessOptions, type SuperviseOptions, supervise } from "./process/supervise.ts";
export type { SupervisedReport, SupervisedStatus } from "./process/supervised-report.ts";
export { SupervisedRun } from "./process/supervised-run.ts";
export type { StreamProcess, StreamProcessMaker } from "./process-maker.ts";
export type { RunEpochReport } from "./run/job-epochs.ts";
export type { JobRestartOptions } from "./run/job-restarts.ts";
export { JobRun } from "./run/job-run.ts";
export { RunDeadLetters } from "./run/run-dead-letters.ts";
export {
  CollectLimitError,
  JobFailedError,
  JobModuleMissingError,
  JobNameTakenError,
  OperatorUnknownError,
} from "./run/run-error.ts";
export type { InstanceReport, OperatorReport, RunReport, RunStatus } from "./run/run-report.ts";
export type { WaitingFor } from "./run/waiting-for.ts";
export type { WatermarkExplanation, WatermarkStep } from "./run/watermark-explanation.ts";
export type { SplitRules, SplitStreams } from "./split-streams.ts";
export { SavepointError, SavepointTakenError, SavepointUnknownError } from "./store/savepoint-error.ts";
export {
  StorageDamagedError,
  StorageError,
  StorageForeignError,
  StorageFormatError,
  StorageGraphError,
  StorageGuaranteeError,
  StorageLockedError,
  StorageTableError,
} from "./store/storage-error.ts";
export type { OnDamage, StorageOptions } from "./store/storage-options.ts";
export type { Stream, StreamEnd, TimedStream } from "./stream.ts";
export { TableError } from "./tables/job-tables.ts";
export { TableRowError } from "./tables/table-row.ts";
export { type TableOptions, type TableSinkSpec, table } from "./tables/table-sink.ts";
export type { StartOptions } from "./upgrade/start-options.ts";
