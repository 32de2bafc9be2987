/**
 * TransactionLogs: the log of an instance of a sink, and those of instances that are not there any more, which it was given
 * when the job started with fewer. Pure: values in, values out.
 *
 * A log is stored under the number of the instance that wrote it, and goes to the instance of that number, or, while there is
 * none, to the one that the number falls to (holderOf). That one commits what waits in it, has what is left of its writer
 * aborted, and keeps it: when there is an instance of that number again, it goes on where the earlier one stood.
 *
 * Invariants
 *  X5  logs that were taken over are committed before the own, and nothing is added to them.
 *  X6  before the first transaction begins, each log is recovered once for each name under which its writer has begun some.
 */

import { entriesOf, type StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { type PreparedTransaction, TransactionLog } from "./transaction-log.ts";

/** Where unfinished transactions may be left that nobody but this instance aborts. */
export interface Leftovers {
  readonly operator: string;
  readonly instance: number;
  /** The newest transaction that was committed there. */
  readonly newest: PreparedTransaction | undefined;
}

export class TransactionLogs {
  readonly #operator: string;
  #own: TransactionLog;
  #takenOver: readonly TransactionLog[] = [];
  /** X6: the names that are still to be recovered; the log that an instance finds under its own number comes last. */
  #toRecover: { readonly operator: string; readonly log: TransactionLog }[];

  /** @param history names the numbers of epochs from a start without a checkpoint on */
  constructor(operator: string, instance: number, history: string) {
    this.#operator = operator;
    this.#own = new TransactionLog(operator, instance, history);
    this.#toRecover = [{ operator, log: this.#own }];
  }

  /** Starts from the checkpoint of an epoch: all that it holds is due. */
  restore(state: readonly StateGroup[], epoch: number): void {
    const logs = entriesOf(state).map((entry) => TransactionLog.restored(entry, epoch));
    const own = logs.find(({ instance }) => instance === this.#own.instance);
    if (own === undefined) this.#own.startAt(epoch);
    else this.#own = own;
    this.#takenOver = logs.filter((log) => log !== own);
    this.#toRecover = [...this.#takenOver, this.#own].flatMap((log) =>
      [...new Set([log.operator, this.#operator])].map((operator) => ({ operator, log })),
    );
    for (const log of logs) log.rename(this.#operator);
  }

  /** The transaction to commit next. */
  get due(): PreparedTransaction | undefined {
    return this.#due?.due;
  }

  /** Whether nothing is left to be recovered. */
  get isRecovered(): boolean {
    return this.#toRecover.length === 0;
  }

  /** What is to be recovered next, when nothing is due. */
  get leftovers(): Leftovers | undefined {
    const next = this.#toRecover[0];
    return next === undefined
      ? undefined
      : { operator: next.operator, instance: next.log.instance, newest: next.log.newest };
  }

  /** Transactions that wait for their epoch, or for their commit. */
  get uncommittedCount(): number {
    return this.#all.reduce((sum, { uncommittedCount }) => sum + uncommittedCount, 0);
  }

  /** What was left is aborted. */
  recovered(): void {
    this.#toRecover.shift();
  }

  /** A transaction of the epoch in progress was prepared. */
  prepared(handle: unknown): void {
    this.#own.prepared(handle);
  }

  /** The epoch in progress ends; what has changed for its snapshot. */
  close(epoch: number): readonly StateEntry[] {
    return this.#all.flatMap((log) => log.close(epoch));
  }

  /** The checkpoint of an epoch is complete. */
  complete(epoch: number): void {
    for (const log of this.#all) log.complete(epoch);
  }

  /** The transaction that was due is committed. */
  committed(): void {
    this.#due?.committed();
  }

  /** X5 */
  get #all(): readonly TransactionLog[] {
    return this.#takenOver.length === 0 ? [this.#own] : [...this.#takenOver, this.#own];
  }

  get #due(): TransactionLog | undefined {
    if (this.#takenOver.length === 0) return this.#own.due === undefined ? undefined : this.#own;
    return this.#all.find(({ due }) => due !== undefined);
  }
}
