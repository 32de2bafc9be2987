/**
 * ItemTransactions: what a transactional sink of a simulated run writes to, in memory. It outlives hosts and processes, and those that are
 * gone may go on calling it: what was prepared is shown by its commit, once, or gone with a recovery.
 */

import { type CommitInfo, defineTransactionalSink, type SinkSpec } from "../../../actors/index.ts";

interface OpenItems<T> {
  readonly name: string;
  readonly items: T[];
}

export interface ItemSinkOptions {
  readonly kind: string;
  readonly eventsMax: number;
  /** Lets a step take effect, now or later, unless it is to fail. */
  readonly during: <R>(act: () => R) => R | Promise<R>;
  /** Told of each commit before its items are shown. */
  readonly onCommit?: (name: string, about: CommitInfo) => void;
}

export class ItemTransactions<T> {
  /** Of committed transactions, in the order of the commits. */
  readonly shown: T[] = [];
  readonly #name: string;
  readonly #prepared = new Map<string, readonly T[]>();
  readonly #committed = new Set<string>();

  /** @param name what it is called in errors */
  constructor(name: string) {
    this.#name = name;
  }

  sink({ kind, eventsMax, during, onCommit = () => undefined }: ItemSinkOptions): SinkSpec<T> {
    return defineTransactionalSink<T, OpenItems<T>, string>({
      kind,
      eventsMax,
      create: () => ({
        recover: (_newest, { namesBeginWith }) => during(() => this.#abort(namesBeginWith)),
        begin: (name) => during(() => ({ name, items: [] })),
        write: ({ items }, more) => during(() => void items.push(...more)),
        prepare: ({ name, items }) =>
          during(() => {
            this.#prepared.set(name, items);
            return name;
          }),
        commit: (name, about) => during(() => this.#commit(name, about, onCommit)),
      }),
    });
  }

  #abort(namesBeginWith: string): void {
    for (const name of this.#prepared.keys()) if (name.startsWith(namesBeginWith)) this.#prepared.delete(name);
  }

  #commit(name: string, about: CommitInfo, onCommit: NonNullable<ItemSinkOptions["onCommit"]>): void {
    if (this.#committed.has(name)) return;
    const items = this.#prepared.get(name);
    if (items === undefined) throw new Error(`${this.#name}: transaction ${name} is not there`);
    this.#prepared.delete(name);
    this.#committed.add(name);
    onCommit(name, about);
    this.shown.push(...items);
  }
}
