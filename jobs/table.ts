/**
 * Table: rows by primary key that change: what a job author builds on. It is a stream of changes underneath (insert, update,
 * delete); every method adds to the graph and returns the table behind what it added, which changes with this one and takes back
 * what does not hold any more. Using one table twice forks it.
 *
 * Functions from rows to rows, groups and times must return the same for the same row: what they made of it is made again to be
 * taken back.
 *
 * Errors of every method are those of a stream's (stream.ts).
 */

import {
  asOfJoin,
  type Change,
  derivedRows,
  type EventDeadLetter,
  filteredRows,
  type JoinType,
  joinByKey,
  joinByReference,
  type Key,
  type Latest,
  latest,
  type SinkSpec,
} from "../actors/index.ts";
import { foreignStream, type Input } from "./graph-assembly.ts";
import { GroupedTable } from "./grouped-table.ts";
import type { LeftOf, RightOf } from "./join-sides.ts";
import type { SinkOptions } from "./operator-options.ts";
import type { Stream } from "./stream.ts";
import type { StreamEnd } from "./stream-end.ts";
import type { TableGraph } from "./table-graph.ts";
import type {
  AsOfOptions,
  DistinctOptions,
  RankedOptions,
  ReferenceJoinOptions,
  RowOptions,
  TableJoinOptions,
  TopOptions,
} from "./table-options.ts";
import { tableSinkSpec } from "./table-sink-spec.ts";
import type { TableSinkSpec } from "./tables/table-sink.ts";

/** Makes a stream of what stands in the graph. */
export type MakeStream = <T, In>(input: Input) => Stream<T, In>;

/** `R` is what the rows are, `K` their primary key. */
export class Table<R, K extends Key = Key> {
  /** @internal */
  readonly graph: TableGraph;
  readonly #stream: MakeStream;

  /** @internal Tables come from `stream.asTable`, `stream.fromChanges` and from each other. */
  constructor(graph: TableGraph, stream: MakeStream) {
    this.graph = graph;
    this.#stream = stream;
  }

  /** Replaces each row by what `make` returns for it; null and undefined leave it out. */
  map<U>(name: string, make: (row: R, key: K) => U | null | undefined, options: RowOptions = {}): Table<U, K> {
    const derive = make as (row: R, key: Key) => U | null | undefined;
    return this.#made(this.graph.addForward(name, () => derivedRows("map-rows", derive), options));
  }

  /** Keeps the rows for which `test` holds. A type guard narrows the table. */
  filter<U extends R>(name: string, test: (row: R, key: K) => row is U, options?: RowOptions): Table<U, K>;
  filter(name: string, test: (row: R, key: K) => boolean, options?: RowOptions): Table<R, K>;
  filter(name: string, test: (row: R, key: K) => boolean, options: RowOptions = {}): Table<R, K> {
    return this.#made(this.graph.addForward(name, () => filteredRows(test as (row: R, key: Key) => boolean), options));
  }

  /** Puts the rows in groups, for an aggregate or the first rows of each. */
  groupBy<G extends Key>(group: (row: R) => G): GroupedTable<R, K, G> {
    return new GroupedTable(this.graph, group, (graph) => this.#made(graph));
  }

  /** The rows of the first `count` ranks of the whole table, which one instance keeps. */
  topN<U>(name: string, count: number, options: RankedOptions<R, U>): Table<U, K>;
  topN(name: string, count: number, options: TopOptions<R>): Table<R, K>;
  topN<U>(name: string, count: number, options: TopOptions<R> | RankedOptions<R, U>): Table<R | U, K> {
    const whole: GroupedTable<R, K, string> = this.groupBy(() => "");
    return whole.topN<R | U>(name, count, options as RankedOptions<R, R | U>);
  }

  /** One row for each value that `by` returns, the first by `order`; the next one takes its place when it goes. */
  distinctOn<G extends Key>(name: string, by: (row: R) => G, options: DistinctOptions<R> = {}): Table<R, G> {
    return this.groupBy(by).first(name, options);
  }

  /**
   * Each row with the row of another table that has the same key, or, with `on`, the key that the row refers to. It changes
   * whenever one of both does. Its key is that of this table; where rows of the other one are shown alone in a join with `on`, it
   * is a text made of either.
   *
   * @param join what is shown of a pair, undefined on a side that has no row; null and undefined for nothing
   */
  join<S, U, const J extends JoinType = "inner">(
    name: string,
    right: Table<S, K>,
    join: (left: LeftOf<R, J>, right: RightOf<S, J>) => U | null | undefined,
    options?: TableJoinOptions<J> & { readonly on?: never },
  ): Table<U, K>;
  join<S, L extends Key, U, const J extends JoinType = "inner">(
    name: string,
    right: Table<S, L>,
    join: (left: LeftOf<R, J>, right: RightOf<S, J>) => U | null | undefined,
    options: ReferenceJoinOptions<R, L, J>,
  ): Table<U, J extends "right" | "full" ? string : K>;
  join<S, L extends Key, U>(
    name: string,
    right: Table<S, L>,
    join: (left: R, right: S) => U | null | undefined,
    options: TableJoinOptions<JoinType> & { readonly on?: (row: R) => L } = {},
  ): Table<U, Key> {
    this.#checkJob(name, right.graph);
    const { graph } = this;
    const { type = "inner", on } = options;
    // Where a side cannot be absent the operator does not call the function without it.
    const result = join as (left: R | undefined, right: S | undefined) => U | null | undefined;
    if (on === undefined) {
      return this.#made(graph.add(name, () => joinByKey(type, result), [graph.byKey, right.graph.byKey], options));
    }
    const lefts = graph.grouped(name, "left", "join: on", on, options);
    const joined = graph.add(name, () => joinByReference(type, result), [lefts, right.graph.byKey], options);
    return this.#made(joined.settled(name, options));
  }

  /**
   * Each row with the row of another table that is nearest to it in time, in the same group. It corrects itself when a nearer row
   * comes, or the nearest one goes.
   *
   * @param join what is shown of a pair, undefined where there is no nearest row; null and undefined for nothing
   */
  asOfJoin<S, L extends Key, G extends Key, U, const J extends "inner" | "left" = "inner">(
    name: string,
    right: Table<S, L>,
    join: (left: R, right: RightOf<S, J>) => U | null | undefined,
    options: AsOfOptions<R, S, G, J>,
  ): Table<U, K> {
    this.#checkJob(name, right.graph);
    const { graph } = this;
    const { on, time } = options;
    const [leftTime, rightTime] = time;
    const result = join as (left: R, right: S | undefined) => U | null | undefined;
    const make = () => asOfJoin<R, S, U>({ ...options, leftTime, rightTime }, result);
    const lefts = graph.grouped(name, "left", "asOfJoin: on", on[0], options);
    const rights = right.graph.grouped(name, "right", "asOfJoin: on", on[1], options);
    return this.#made(graph.add(name, make, [lefts, rights], options).settled(name, options));
  }

  /** The changes as events: inserts, updates with the row before and after, deletes. Those of one key are in order. */
  changes(): Stream<Change<R, K>> {
    return this.#stream(this.graph.byKey);
  }

  /** For each change an event that says what the row is now, null for one that was deleted. */
  latest(name: string, options: RowOptions = {}): Stream<Latest<R, K>> {
    const behind = this.graph.addForward(name, latest, options);
    return this.#stream(behind.byKey);
  }

  /**
   * Ends the table in a sink that carries out deletes, too: `upsert`, and `table` with a key.
   *
   * @throws ERR_JOB_SINK_CANNOT_DELETE for a sink that only adds: send `changes()` or `latest()` to it
   */
  sink(name: string, spec: TableSinkSpec<R>, options?: SinkOptions): StreamEnd<Change<R, K>>;
  sink(name: string, spec: SinkSpec<Change<R, K>>, options?: SinkOptions): StreamEnd<Change<R, K>>;
  sink(
    name: string,
    spec: SinkSpec<Change<R, K>> | TableSinkSpec<R>,
    options: SinkOptions = {},
  ): StreamEnd<Change<R, K>> {
    return this.changes().sink(name, tableSinkSpec<Change<R, K>>(name, spec), options);
  }

  /** The changes that the operator behind this table gives up, as events. They are kept and counted all the same. */
  deadLetters(): Stream<EventDeadLetter<unknown>> {
    return this.changes().deadLetters();
  }

  #made<U, L extends Key>(graph: TableGraph): Table<U, L> {
    return new Table(graph, this.#stream);
  }

  #checkJob(name: string, { assembly }: TableGraph): void {
    if (assembly !== this.graph.assembly) throw foreignStream(name, this.graph.assembly.jobName, assembly.jobName);
  }
}
