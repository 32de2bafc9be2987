/** GroupedTable: the rows of a table in groups, for what is worked out of each group. */

import { type Aggregate, type CompareRows, firstRows, groupedAggregate, type Key, topRows } from "../actors/index.ts";
import type { OperatorOptions } from "./operator-options.ts";
import type { Table } from "./table.ts";
import type { TableGraph } from "./table-graph.ts";
import type { DistinctOptions, RankedOptions, TopOptions } from "./table-options.ts";

/** Makes a table of what stands in the graph. */
export type MakeTable = <R, K extends Key>(graph: TableGraph) => Table<R, K>;

export class GroupedTable<R, K extends Key, G extends Key> {
  readonly #graph: TableGraph;
  readonly #groupOf: (row: R) => G;
  readonly #make: MakeTable;

  /** @internal Groups come from `table.groupBy`. */
  constructor(graph: TableGraph, groupOf: (row: R) => G, make: MakeTable) {
    this.#graph = graph;
    this.#groupOf = groupOf;
    this.#make = make;
  }

  /**
   * A table with a row for each group: the result of an aggregate of its rows. Of one that can take a row back only the
   * accumulator is kept, otherwise all rows are.
   */
  aggregate<A, U>(name: string, aggregate: Aggregate<R, A, U>, options: OperatorOptions = {}): Table<U, G> {
    const groups = this.#graph.grouped(name, "groups", "groupBy", this.#groupOf, options);
    return this.#make(this.#graph.add(name, () => groupedAggregate(aggregate), [groups], options));
  }

  /** The rows of the first `count` ranks of each group. */
  topN<U>(name: string, count: number, options: RankedOptions<R, U>): Table<U, K>;
  topN(name: string, count: number, options: TopOptions<R>): Table<R, K>;
  topN<U>(name: string, count: number, options: TopOptions<R> | RankedOptions<R, U>): Table<R | U, K> {
    const result = "result" in options ? options.result : (row: R) => row;
    const make = () => topRows<R, R | U>(count, options, result);
    const groups = this.#graph.grouped(name, "groups", "groupBy", this.#groupOf, options);
    return this.#make(this.#graph.add(name, make, [groups], options).settled(name, options));
  }

  /** A table with a row for each group: its first one. */
  first(name: string, options: DistinctOptions<R> = {}): Table<R, G> {
    const { order = tied } = options;
    const groups = this.#graph.grouped(name, "groups", "groupBy", this.#groupOf, options);
    return this.#make(this.#graph.add(name, () => firstRows<R>(order), [groups], options));
  }
}

const tied: CompareRows<unknown> = () => 0;
