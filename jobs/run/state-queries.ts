/**
 * StateQueries: what the operators of a run keep, for whoever asks: as it is now, or as of the last checkpoint.
 *
 * What an operator keeps now may be of events that a failure takes back; what is in a checkpoint stays.
 */

import {
  checkKey,
  instanceOfKey,
  isExpiry,
  type Key,
  mergedEntries,
  type StateAnswer,
  type StateEntry,
  type StateQuery,
  type StreamSignal,
  selected,
  signalKind,
} from "../../actors/index.ts";
import { type Clock, checkNames, OptionError, wholeNumber } from "../../runtime/index.ts";
import type { JobGraph } from "../job-graph.ts";
import { queryKeysDefault, queryKeysMax, queryLimitMs } from "../limits.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import { readableEntry } from "../store/readable-entry.ts";
import type { JobCell } from "./job-cell.ts";
import { QueryError, unknownOperator } from "./run-error.ts";

export interface QueryOptions {
  /** What it keeps now (the default), or what it kept at the last checkpoint. */
  readonly asOf?: "now" | "checkpoint";
}

export interface RangeQueryOptions<K extends Key = Key> extends QueryOptions {
  /** The first key. Default: the lowest there is. */
  readonly from?: K;
  /** The first key behind the range. Default: all that there are. */
  readonly to?: K;
  /** Keys in the answer, the lowest of the range. Default 1,000. */
  readonly limit?: number;
}

/** What an operator keeps of one key, by the names of its states; of `count`, `scan` and `reduce` by what they are. */
export type KeyState = Readonly<Record<string, unknown>>;

/** What an operator keeps of a key of a range. */
export interface KeyedState<T extends KeyState> {
  readonly key: Key;
  readonly state: T;
}

const endedText = "the run has ended; `millrace state get` reads what its storage holds";

interface Waiting {
  readonly cell: JobCell;
  readonly resolve: (answer: StateAnswer) => void;
}

export class StateQueries {
  readonly #clock: Clock;
  readonly #graph: JobGraph;
  readonly #cells: readonly JobCell[];
  readonly #store: CheckpointStore | undefined;
  readonly #signal: (cell: JobCell, signal: StreamSignal) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #isStopped = false;

  /** @param store undefined when there are no checkpoints */
  constructor(
    clock: Clock,
    graph: JobGraph,
    cells: readonly JobCell[],
    store: CheckpointStore | undefined,
    signal: (cell: JobCell, signal: StreamSignal) => void,
  ) {
    this.#clock = clock;
    this.#graph = graph;
    this.#cells = cells;
    this.#store = store;
    this.#signal = signal;
  }

  async ofKey<T extends KeyState>(operator: string, key: Key, options: QueryOptions): Promise<T | undefined> {
    checkNames("query", options, { asOf: true });
    checkKey("query: key", key);
    const cells = this.#cellsOf(operator);
    const owner = cells[instanceOfKey(key, cells.length)] as JobCell;
    const entries = await this.#ask([owner], operator, { kind: "key", key }, options);
    return entries.length === 0 ? undefined : (stateOf(entries) as T);
  }

  async ofRange<T extends KeyState>(operator: string, options: RangeQueryOptions): Promise<readonly KeyedState<T>[]> {
    checkNames("queryRange", options, { asOf: true, from: true, to: true, limit: true });
    const { from, to, limit } = options;
    for (const bound of [from, to]) if (bound !== undefined) checkKey("query: from, to", bound);
    const keys = wholeNumber("query: limit", limit ?? queryKeysDefault, 1, queryKeysMax);
    const query = { kind: "range", from, to, limit: keys } as const;
    const found = await this.#ask(this.#cellsOf(operator), operator, query, options);
    const byKey = Map.groupBy(selected(found, query), ([, key]) => key);
    return [...byKey].map(([key, own]) => ({ key, state: stateOf(own) as T }));
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#isStopped = true;
    for (const { resolve } of this.#waiting.values()) resolve({ kind: "failed", message: endedText });
  }

  /** A cell has told what it was asked. */
  answered(id: number, answer: StateAnswer): void {
    this.#waiting.get(id)?.resolve(answer);
  }

  /** What a cell was asked before it was lost, it does not tell any more. */
  lost(cell: JobCell): void {
    for (const { cell: asked, resolve } of this.#waiting.values()) {
      if (asked === cell) resolve({ kind: "failed", message: `instance ${cell.instance} starts over; ask again` });
    }
  }

  #cellsOf(operator: string): readonly JobCell[] {
    const node = this.#graph.nodes.find(({ name }) => name === operator);
    if (node === undefined) throw unknownOperator(this.#graph, operator, 0);
    return this.#cells.filter(({ chain }) => chain.nodes.includes(node.id));
  }

  async #ask(
    cells: readonly JobCell[],
    operator: string,
    query: StateQuery,
    { asOf = "now" }: QueryOptions,
  ): Promise<readonly StateEntry[]> {
    if (asOf !== "now" && asOf !== "checkpoint") throw new OptionError("query: asOf", asOf, '"now" or "checkpoint"');
    if (this.#isStopped) throw new QueryError(operator, endedText);
    if (asOf === "checkpoint") return cells.flatMap((cell) => this.#ofCheckpoint(cell, operator, query));
    const answers = await Promise.all(cells.map((cell) => this.#askCell(cell, operator, query)));
    return answers.flatMap((answer) => entriesOf(operator, answer));
  }

  #ofCheckpoint({ key }: JobCell, operator: string, query: StateQuery): readonly StateEntry[] {
    if (this.#store === undefined) throw new QueryError(operator, "this run makes no checkpoints (at-most-once)");
    const deltas = this.#store.restoreOf(key)?.deltas[operator] ?? [];
    return selected(
      mergedEntries(deltas).filter(([, , , , form]) => !isExpiry(form)),
      query,
    );
  }

  async #askCell(cell: JobCell, operator: string, query: StateQuery): Promise<StateAnswer> {
    if (!cell.started) return { kind: "failed", message: `instance ${cell.instance} starts; ask again` };
    const { promise, resolve } = Promise.withResolvers<StateAnswer>();
    const id = this.#nextId;
    this.#nextId += 1;
    const late = `instance ${cell.instance} has not answered within ${queryLimitMs} ms`;
    const cancel = this.#clock.after(queryLimitMs, () => resolve({ kind: "failed", message: late }));
    this.#waiting.set(id, { cell, resolve });
    this.#signal(cell, [signalKind.query, id, operator, query]);
    const answer = await promise;
    cancel();
    this.#waiting.delete(id);
    return answer;
  }
}

function entriesOf(operator: string, answer: StateAnswer): readonly StateEntry[] {
  if (answer.kind === "entries") return mergedEntries([answer.bytes]);
  throw new QueryError(operator, answer.kind === "failed" ? answer.message : "it keeps no state that can be asked for");
}

/** What belongs to one key. */
function stateOf(entries: readonly StateEntry[]): KeyState {
  return Object.fromEntries(entries.map(readableEntry).map(({ state, value }) => [state, value]));
}
