/** The names of the options that sources, operators and sinks of a job are given: those of all, and by kind those of one beside them. */

import { checkNames, type OptionNames } from "../runtime/index.ts";
import type {
  AggregateStreamOptions,
  CountOptions,
  DedupeStreamOptions,
  FoldOptions,
  HoltWintersStreamOptions,
  InOrderStreamOptions,
  JoinStreamOptions,
  KeptStreamOptions,
  KeyedLookupStreamOptions,
  MapAsyncStreamOptions,
  MatchStreamOptions,
  OperatorOptions,
  ParseStreamOptions,
  ProcessStreamOptions,
  SinkOptions,
  SmoothStreamOptions,
  SourceOptions,
  SplitStreamOptions,
  ThrottleStreamOptions,
  WindowStreamOptions,
  ZScoreStreamOptions,
} from "./operator-options.ts";
import type {
  AsOfOptions,
  AsTableOptions,
  DistinctOptions,
  JoinTableOptions,
  RankedOptions,
  ReferenceJoinOptions,
  TableLifeOptions,
} from "./table-options.ts";

const endNames: OptionNames<SourceOptions & SinkOptions> = { parallelism: true, supervision: true, renamedFrom: true };
const operatorNames: OptionNames<OperatorOptions> = { ...endNames, microBatch: true };
const fold: OptionNames<FoldOptions> = { ...operatorNames, emit: true, version: true, migrate: true };
const kept: OptionNames<KeptStreamOptions> = {
  ...operatorNames,
  version: true,
  migrate: true,
  ttl: true,
  ttlTime: true,
  ttlFrom: true,
};
const mapAsync: OptionNames<MapAsyncStreamOptions<never>> = {
  ...operatorNames,
  concurrency: true,
  order: true,
  timeout: true,
  retry: true,
  key: true,
};
const inOrder: OptionNames<InOrderStreamOptions> = { ...operatorNames, waitingMax: true };
const join: OptionNames<JoinStreamOptions<never>> = { ...operatorNames, type: true, rowsPerKeyMax: true };
const joinTable: OptionNames<JoinTableOptions<never>> = {
  ...operatorNames,
  type: true,
  retention: true,
  awaitTable: true,
};
const tableLife: OptionNames<TableLifeOptions> = { ...operatorNames, ttl: true, ttlTime: true };

/** Of operators that have options of their own. */
const namesByKind: Readonly<Record<string, OptionNames<OperatorOptions> & Readonly<Record<string, true>>>> = {
  scan: fold,
  reduce: fold,
  count: { ...operatorNames, emit: true } satisfies OptionNames<CountOptions>,
  aggregate: { ...kept, emit: true, preAggregate: true } satisfies OptionNames<AggregateStreamOptions>,
  changes: kept,
  dedupe: { ...operatorNames, by: true, within: true, time: true } satisfies OptionNames<DedupeStreamOptions<never>>,
  inOrder,
  numbered: inOrder,
  smooth: { ...operatorNames, alpha: true } satisfies OptionNames<SmoothStreamOptions>,
  holtWinters: {
    ...operatorNames,
    season: true,
    alpha: true,
    beta: true,
    gamma: true,
  } satisfies OptionNames<HoltWintersStreamOptions>,
  zScore: { ...operatorNames, halfLife: true } satisfies OptionNames<ZScoreStreamOptions>,
  mapAsync,
  lookup: { ...mapAsync, cache: true } satisfies OptionNames<KeyedLookupStreamOptions<never>>,
  intervalJoin: join,
  windowJoin: join,
  match: {
    ...operatorNames,
    time: true,
    partialMatchesMax: true,
    capturesMax: true,
    waitingMax: true,
  } satisfies OptionNames<MatchStreamOptions>,
  window: {
    ...operatorNames,
    version: true,
    migrate: true,
    time: true,
    allowedLateness: true,
    early: true,
    panes: true,
    preAggregate: true,
  } satisfies OptionNames<WindowStreamOptions>,
  throttle: { ...operatorNames, burst: true } satisfies OptionNames<ThrottleStreamOptions>,
  parse: { ...operatorNames, onInvalid: true } satisfies OptionNames<ParseStreamOptions>,
  split: { ...operatorNames, unmatched: true } satisfies OptionNames<SplitStreamOptions>,
  process: { ...operatorNames, outputs: true } satisfies OptionNames<ProcessStreamOptions<never>>,
  "as-table": { ...tableLife, row: true } satisfies OptionNames<AsTableOptions<never, never>>,
  "from-changes": tableLife,
  "top-n": {
    ...operatorNames,
    order: true,
    ranking: true,
    offset: true,
    result: true,
  } satisfies OptionNames<RankedOptions<never, never>>,
  "distinct-on": { ...operatorNames, order: true } satisfies OptionNames<DistinctOptions<never>>,
  "table-join": { ...operatorNames, type: true, on: true } satisfies OptionNames<
    ReferenceJoinOptions<never, never, never>
  >,
  "as-of-join": {
    ...operatorNames,
    type: true,
    on: true,
    time: true,
    direction: true,
    strict: true,
    ties: true,
  } satisfies OptionNames<AsOfOptions<never, never, never, never>>,
  "stream-table-join": joinTable,
  "stream-as-of-join": joinTable,
};

/** Throws ERR_RT_OPTION. */
export function checkOperatorNames(name: string, kind: string, options: OperatorOptions): void {
  checkNames(`operator ${JSON.stringify(name)}`, options, namesByKind[kind] ?? operatorNames);
}

/** Of sources and sinks. Throws ERR_RT_OPTION. */
export function checkEndNames(what: "source" | "sink", name: string, options: OperatorOptions): void {
  checkNames<SourceOptions & SinkOptions>(`${what} ${JSON.stringify(name)}`, options, endNames);
}
