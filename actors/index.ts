/** The door of the actors room: stream actors and what they are made of. It knows no job. */

export {
  type Aggregate,
  AggregateLimitError,
  AggregateValueError,
} from "./aggregates/aggregate.ts";
export { type AggregatesOf, aggregate } from "./aggregates/aggregate-record.ts";
export { collect } from "./aggregates/collected.ts";
export { distinct } from "./aggregates/distinct.ts";
export { type DistinctApproxOptions, distinctApprox } from "./aggregates/distinct-approx.ts";
export { max, min, type Ordered } from "./aggregates/extremes.ts";
export type { HyperLogLog } from "./aggregates/hyper-log-log.ts";
export { first, last, type Picked } from "./aggregates/picked.ts";
export { type QuantileOptions, quantile, quantiles } from "./aggregates/quantile.ts";
export type { QuantileSketch } from "./aggregates/quantile-sketch.ts";
export type { RecordState } from "./aggregates/record-fields.ts";
export { type Scored, topN } from "./aggregates/top-n.ts";
export { count, type MeanState, mean, sum } from "./aggregates/totals.ts";
export { stddev, type VarianceOptions, type VarianceState, variance } from "./aggregates/variance.ts";
export { type Batch, eventCount, type Key } from "./batch.ts";
export { MixedTimesError } from "./batch-builder.ts";
export { RetentionLimitError, type RetentionLimits } from "./cells/cell-retention.ts";
export type { CellWait } from "./cells/cell-wait.ts";
export type { InputStanding } from "./cells/head.ts";
export type { InputSpec } from "./cells/inputs-head.ts";
export { noCounters, type OperatorCounters } from "./cells/operator-counters.ts";
export { OperatorFailedError } from "./cells/operator-failed-error.ts";

export type { AbsentNote, ReservationNote } from "./cells/reservation-note.ts";
export { SourceFailedError } from "./cells/source-failed-error.ts";
export type { HaltNote } from "./cells/source-head.ts";
export type { StageSpec } from "./cells/stage-spec.ts";
export { StreamCell } from "./cells/stream-cell.ts";
export type { SourceNodeSpec, StreamOutputSpec } from "./cells/stream-cell-spec.ts";
export type { OperatorWatermark, StreamCellStats } from "./cells/stream-cell-stats.ts";
export { StreamEndedError } from "./cells/stream-ended-error.ts";
export type { StreamNote } from "./cells/stream-note.ts";
export { type OpenChannel, type StreamSignal, signalKind } from "./cells/stream-signal.ts";
export type { SourceStanding } from "./cells/strides.ts";
export type { CellRestore, CellSnapshot } from "./epochs/cell-snapshot.ts";
export type { EventFailures, ReplayPolicy } from "./epochs/failed-events.ts";
export { entriesOf, mergedDelta, mergedEntries, mergedState, type StateGroup } from "./epochs/merged-state.ts";
export {
  type DeltaColumns,
  decodeDelta,
  encodeDelta,
  SnapshotTooLargeError,
  type StateEntry,
  StateTooLargeError,
} from "./epochs/state-delta.ts";
export {
  type Forecast,
  holtWinters,
  type SmoothOptions,
  smooth,
  type ZScoreOptions,
  zScore,
} from "./forecasts/forecast.ts";
export type { HoltWintersOptions } from "./forecasts/holt-winters.ts";
export type { KeyFigures } from "./groupings/frequent-keys.ts";
export { type Grouping, groupings, type Partition } from "./groupings/grouping.ts";
export { checkKey, instanceOfKey, KeyError, keyGroupOf, ownerOf } from "./groupings/key-hash.ts";
export { PartitionError } from "./groupings/partitioner.ts";
export type { PreAggregation } from "./groupings/pre-aggregation.ts";
export type { Guarantee } from "./guarantee.ts";
export { broadcast } from "./joins/broadcast.ts";
export { intervalJoin } from "./joins/interval-join.ts";
export { JoinIntervalError, type JoinIntervalOptions } from "./joins/join-interval.ts";
export type { JoinOptions } from "./joins/join-logic.ts";
export { JoinRowsError } from "./joins/join-state.ts";
export type { JoinType } from "./joins/join-type.ts";
export { type LookedUp, type LookupCacheOptions, type LookupOptions, lookup } from "./joins/lookup.ts";
export type { LookupCacheFigures } from "./joins/lookup-cache.ts";
export { type Rules, RulesError } from "./joins/rule-book.ts";
export { rulesInOrder } from "./joins/rules-in-order.ts";
export { type WindowJoined, windowJoin } from "./joins/window-join.ts";
export { changes } from "./keyed/changes.ts";
export { DedupeError, type DedupeOptions, dedupe } from "./keyed/dedupe.ts";
export { type InOrderOptions, inOrder, type Numbered, numbered, WaitingError } from "./keyed/in-order.ts";
export { type RunningAggregateOptions, runningAggregate } from "./keyed/running-aggregate.ts";
export { DeadLetterFloodError, type LetterBounds, type LetterPost } from "./letters/cell-letters.ts";
export { type EventDeadLetter, letterBytes } from "./letters/event-dead-letter.ts";
export {
  creditEventsDefault,
  deadLettersPerEpochDefault,
  flushIntervalMs,
  keyGroupCount,
  resubmittedInFlightMax,
  retentionBytesDefault,
  retentionBytesMaxDefault,
} from "./limits.ts";
export {
  type EventStep,
  lateOutputName,
  type OperatorContext,
  type OperatorLogic,
  type OperatorSpec,
  type Output,
  type SlowSplit,
  type StateFacts,
} from "./operator.ts";
export type { CallContext } from "./operators/async-call.ts";
export { CallAbandonedError } from "./operators/call-abandoned-error.ts";
export type { AsyncOrder } from "./operators/call-queue.ts";
export { count as countOperator } from "./operators/count.ts";
export type { EventContext } from "./operators/event-context.ts";
export { filter } from "./operators/filter.ts";
export { ExpansionTooLargeError, flatMap } from "./operators/flat-map.ts";
export { type Emission, foldedState } from "./operators/fold.ts";
export { EventMutatedError, frozenLogic } from "./operators/frozen-logic.ts";
export { map } from "./operators/map.ts";
export { type MapAsyncOptions, mapAsync } from "./operators/map-async.ts";
export { checkMicroBatch, type MicroBatchOptions, microBatch } from "./operators/micro-batch.ts";
export { AsyncFunctionError } from "./operators/plain-function.ts";
export { ProcessError, type ProcessOperator, process } from "./operators/process.ts";
export {
  EmitOutsideError,
  OutputUnknownError,
  type ProcessContext,
  StateOutsideError,
  type Timers,
} from "./operators/process-context.ts";
export { reduce } from "./operators/reduce.ts";
export { scan } from "./operators/scan.ts";
export { type SplitOptions, type SplitRule, split, UnmatchedError } from "./operators/split.ts";
export { tap } from "./operators/tap.ts";
export { type ThrottleOptions, throttle } from "./operators/throttle.ts";
export { wrappedLogic } from "./operators/wrapped-logic.ts";
export { type Match, type TimedOut, timedOutOutputName } from "./patterns/key-matches.ts";
export { type MatchOptions, match } from "./patterns/match.ts";
export { PatternLimitError } from "./patterns/matcher.ts";
export { pattern } from "./patterns/pattern.ts";
export { type AfterMatch, PatternError } from "./patterns/pattern-definition.ts";
export type { Pattern } from "./patterns/pattern-types.ts";
export type { Pieces } from "./pieces.ts";
export type { SinkSpec } from "./sink.ts";
export { defineTransactionalSink, type TransactionalSinkDefinition } from "./sinks/define-transactional-sink.ts";
export { discard } from "./sinks/discard.ts";
export { type EventFormat, UnprintableEventError } from "./sinks/event-format.ts";
export { type FileLinesSinkOptions, fileLines } from "./sinks/file-lines.ts";
export { CallTimeoutError, type ForEachOptions, forEach, type RetryOptions } from "./sinks/for-each.ts";
export { SinkChangedError, SinkWriteError } from "./sinks/sink-write-error.ts";
export { type StdoutOptions, stdout } from "./sinks/stdout.ts";
export { type UpsertOptions, upsert } from "./sinks/upsert.ts";
export type {
  PollResult,
  Position,
  SourceContext,
  SourceOutput,
  SourceProgress,
  SourceReader,
  SourceSpec,
} from "./source.ts";
export { type ConcatOptions, concat, type Seam, SeamError } from "./sources/concat.ts";
export { type CsvOptions, csv } from "./sources/csv.ts";
export { CsvQuoteError } from "./sources/csv-record.ts";
export { defineSource, type SourceDefinition } from "./sources/define-source.ts";
export {
  type AnyIterable,
  type FromIterableOptions,
  fromIterable,
  SourceConsumedError,
} from "./sources/from-iterable.ts";
export { type GenerateOptions, generate } from "./sources/generate.ts";
export { type DurableIngestOptions, durableIngest } from "./sources/ingest/durable-ingest.ts";
export { IngestDamagedError, IngestLockedError, IngestWriteError } from "./sources/ingest/ingest-error.ts";
export { InputDamagedError, InputUnreadableError, PositionLostError } from "./sources/input-error.ts";
export { InvalidInputError, LineTooLongError, type OnInvalid } from "./sources/invalid-input.ts";
export type { TextEncoding } from "./sources/line-splitter.ts";
export { type ParquetOptions, parquet } from "./sources/parquet.ts";
export { AsyncSchemaError, type ParseOptions, parse } from "./sources/parse.ts";
export { type ShareStanding, sharedOut, sourceAt } from "./sources/source-shares.ts";
export { StdinTakenError, stdinLines } from "./sources/stdin-lines.ts";
export { ConnectionError, ListenError } from "./sources/tcp-endpoint.ts";
export { type ReconnectOptions, type TcpLinesOptions, tcpLines } from "./sources/tcp-lines.ts";
export { type TcpListenOptions, tcpListen } from "./sources/tcp-listen.ts";
export { type NdjsonOptions, ndjson, type TextLinesOptions, textLines } from "./sources/text-lines.ts";
export { type TextLinesInOptions, textLinesIn } from "./sources/text-lines-in.ts";
export { MapChange } from "./state/map-change.ts";
export type {
  ListState,
  MapState,
  OperatorState,
  ReducingState,
  StateOfKeys,
  StateOptions,
  ValueState,
  ValueStateOptions,
} from "./state/operator-state.ts";
export { groupOfEntry, holderOf } from "./state/owned-entries.ts";
/** @internal Not in the declarations of the package. */
export { objectKeysMax, withObjectKeysMax } from "./state/packed/object-keys.ts";
export { isExpiry, plainForm, type StateForm } from "./state/state-form.ts";
export {
  StateKindError,
  StateMigrationError,
  type StateMigrations,
  StateVersionError,
  type StateVersioning,
} from "./state/state-migration.ts";
export { type StateAnswer, type StateQuery, selected } from "./state/state-query.ts";
export type { StateSize } from "./state/state-size.ts";
export { StateTtlError, type StateTtlOptions } from "./state/state-ttl.ts";
export { asOfJoin, RowTimeError } from "./tables/as-of-join.ts";
export { awaitTable } from "./tables/await-table.ts";
export { type Change, ChangeError, rowAfter, rowBefore } from "./tables/change.ts";
export { derivedRows, filteredRows } from "./tables/derived-rows.ts";
export { groupedAggregate } from "./tables/grouped-aggregate.ts";
export { type Latest, latest } from "./tables/latest.ts";
export type { AsOfDirection } from "./tables/nearest-rows.ts";
export type { Ranking } from "./tables/ranked-rows.ts";
export { type GroupedChange, regroup } from "./tables/regroup.ts";
export { type CompareRows, RowOrderError } from "./tables/row-order.ts";
export { settleRows } from "./tables/settle-rows.ts";
export { streamAsOfJoin } from "./tables/stream-as-of-join.ts";
export { streamTableJoin } from "./tables/stream-table-join.ts";
export { joinByKey, joinByReference } from "./tables/table-join.ts";
export { changedRows, tableRows } from "./tables/table-rows.ts";
export { firstRows, topRows } from "./tables/top-rows.ts";
export { EventTimeError, type EventTimeOptions, eventTime, NoEventTimeError } from "./time/event-time.ts";
export type { ChannelWatermark } from "./time/input-watermarks.ts";
export type { TimeDomain } from "./time/time-domain.ts";
export { type Timer, type TimerKind, TimersError } from "./time/timer-table.ts";
export { TransactionalLogic } from "./transactions/transactional-logic.ts";
export type { CommitInfo, LeftTransactions, TransactionalWriter } from "./transactions/transactional-writer.ts";
export type { Window } from "./windows/aligned-windows.ts";
export type { CalendarUnit } from "./windows/calendar-windows.ts";
export {
  atEnd,
  type EndTrigger,
  type EventsTrigger,
  every,
  type IntervalOptions,
  type IntervalTrigger,
  type Trigger,
} from "./windows/trigger.ts";
export {
  type AlignedAssigner,
  type CalendarAssigner,
  type CountingAssigner,
  calendar,
  counting,
  type GlobalAssigner,
  global,
  type OffsetOptions,
  type SessionAssigner,
  type SessionOptions,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
} from "./windows/window-assigner.ts";
export { windowOperator } from "./windows/window-operator.ts";
export type { WindowOptions } from "./windows/window-options.ts";
export type { KeyedWindowResult, WindowResult } from "./windows/window-result.ts";
