/**
 * TransactionLog: what one instance of a sink has prepared and not committed, in order. Pure: values in, values out.
 *
 * A handle is part of the snapshot of its epoch and of each one after, until its commit is confirmed; the newest stays for
 * good, because it says where the sink stands. So what a checkpoint holds is committed by whoever starts from it, whether
 * that is the same instance or another one (transaction-logs.ts).
 *
 * Invariants
 *  X1  only transactions of complete epochs are due, in the order in which they were prepared (P5, I4).
 *  X2  a handle that was prepared is in every snapshot from then on until it is committed: none is dropped.
 *  X3  what was prepared behind the checkpoint from which the sink starts over is never due.
 *  X4  a transaction keeps the names under which it was prepared: whoever commits it, and whatever the sink is called then.
 */

import { assert, mutated } from "../../runtime/index.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import type { StateForm } from "../state/state-form.ts";

/** A transaction that was prepared. */
export interface PreparedTransaction {
  /** The name of the sink then. */
  readonly operator: string;
  /** The number of the instance that prepared it. */
  readonly instance: number;
  readonly history: string;
  readonly epoch: number;
  /** Its number among those of the epoch, from 0. */
  readonly part: number;
  readonly handle: unknown;
}

const stateName = "transactions";
const form: StateForm = { kind: stateName, version: 1, owner: "any" };

/** The state of a sink in a checkpoint. */
interface LoggedTransactions {
  readonly operator: string;
  readonly history: string;
  /** Whether the first one is committed. */
  readonly isFirstCommitted: boolean;
  /** Oldest first. */
  readonly transactions: readonly (readonly [operator: string, epoch: number, part: number, handle: unknown])[];
}

export class TransactionLog {
  /** The number of the instance whose log this is. */
  readonly instance: number;
  /** The name of the sink under which leftovers may be found. */
  #operator: string;
  #history: string;
  /** Handles of the epoch in progress. */
  #parts: unknown[] = [];
  #prepared: PreparedTransaction[] = [];
  #newest: PreparedTransaction | undefined;
  #closedEpoch = 0;
  #completeEpoch = 0;
  /** What the last snapshot holds, as far as it may change. */
  #noted: readonly unknown[] = [];

  /** @param history names the numbers of epochs from a start without a checkpoint on */
  constructor(operator: string, instance: number, history: string) {
    this.#operator = operator;
    this.instance = instance;
    this.#history = history;
  }

  /** The log in an entry of the checkpoint of an epoch: all that waits in it is due. */
  static restored([, key, , value]: StateEntry, epoch: number): TransactionLog {
    assert(typeof key === "number", "X4: a log is stored under the number of its instance");
    const { operator, history, isFirstCommitted, transactions } = value as LoggedTransactions;
    const log = new TransactionLog(operator, key, history);
    log.startAt(epoch);
    const logged = transactions.map(([name, of, part, handle]) => ({
      operator: name,
      instance: key,
      history,
      epoch: of,
      part,
      handle,
    }));
    log.#newest = isFirstCommitted ? logged[0] : undefined;
    log.#prepared = isFirstCommitted ? logged.slice(1) : logged;
    if (mutated("sink.forgets-prepared")) log.#prepared = [];
    log.#noted = log.#toNote();
    return log;
  }

  /** The name of the sink when its transactions were begun last. */
  get operator(): string {
    return this.#operator;
  }

  /** The transaction to commit next. */
  get due(): PreparedTransaction | undefined {
    const first = this.#prepared[0];
    return first !== undefined && (first.epoch <= this.#completeEpoch || mutated("sink.commits-early"))
      ? first
      : undefined;
  }

  /** The newest transaction that was committed. */
  get newest(): PreparedTransaction | undefined {
    return this.#newest;
  }

  /** Transactions that wait for their epoch, or for their commit. */
  get uncommittedCount(): number {
    return this.#prepared.length + this.#parts.length;
  }

  /** It goes on from the checkpoint of an epoch. */
  startAt(epoch: number): void {
    assert(this.uncommittedCount === 0 && this.#closedEpoch === 0, "X3: a sink starts over as a new one");
    this.#closedEpoch = epoch;
    this.#completeEpoch = epoch;
  }

  /** From now on transactions are begun under this name. */
  rename(operator: string): void {
    this.#operator = operator;
  }

  /** A transaction of the epoch in progress was prepared. */
  prepared(handle: unknown): void {
    this.#parts.push(handle);
  }

  /** The epoch in progress ends; what has changed for its snapshot. */
  close(epoch: number): readonly StateEntry[] {
    assert(epoch > this.#closedEpoch, "X1: epochs are closed in order");
    this.#closedEpoch = epoch;
    for (const [part, handle] of this.#parts.entries()) {
      this.#prepared.push({
        operator: this.#operator,
        instance: this.instance,
        history: this.#history,
        epoch,
        part,
        handle,
      });
    }
    this.#parts = [];
    const noted = this.#toNote();
    if (noted.length === this.#noted.length && noted.every((each, index) => each === this.#noted[index])) return [];
    this.#noted = noted;
    const logged = this.#newest === undefined ? this.#prepared : [this.#newest, ...this.#prepared];
    const value: LoggedTransactions = {
      operator: this.#operator,
      history: this.#history,
      isFirstCommitted: this.#newest !== undefined,
      transactions: logged.map(({ operator, epoch: of, part, handle }) => [operator, of, part, handle]),
    };
    return [[stateName, this.instance, true, value, form]];
  }

  /** The checkpoint of an epoch is complete. */
  complete(epoch: number): void {
    this.#completeEpoch = Math.max(this.#completeEpoch, epoch);
  }

  /** The transaction that was due is committed. */
  committed(): void {
    const { due } = this;
    assert(due !== undefined, "X1: only what is due is committed");
    this.#prepared.shift();
    this.#newest = due;
  }

  #toNote(): readonly unknown[] {
    return [this.#operator, this.#newest, ...this.#prepared];
  }
}
