/**
 * TransactionLog: what a sink has prepared and not committed, in order. Pure: values in, values out.
 *
 * A handle is part of the snapshot of its epoch and of each one after, until its commit is confirmed; the newest stays for
 * good, because it says where the sink stands. So what a checkpoint holds is committed again by whoever starts from it.
 *
 * Invariants
 *  X1  only transactions of complete epochs are due, in the order in which they were prepared (P5, I4).
 *  X2  a handle that was prepared is in every snapshot from then on until it is committed: none is dropped.
 *  X3  what was prepared behind the checkpoint from which the sink starts over is never due.
 */

import { assert } from "../../runtime/index.ts";
import type { StateEntry } from "../epochs/state-delta.ts";

/** A transaction that was prepared. */
export interface PreparedTransaction {
  readonly epoch: number;
  /** Its number among those of the epoch, from 0. */
  readonly part: number;
  readonly handle: unknown;
}

const stateName = "transactions";

/** The state of a sink in a checkpoint. */
interface LoggedTransactions {
  readonly history: string;
  /** Oldest first. */
  readonly transactions: readonly (readonly [epoch: number, part: number, handle: unknown])[];
}

export class TransactionLog {
  #history: string;
  /** Handles of the epoch in progress. */
  #parts: unknown[] = [];
  #prepared: PreparedTransaction[] = [];
  #newest: PreparedTransaction | undefined;
  #closedEpoch = 0;
  #completeEpoch = 0;
  /** What the last snapshot holds. */
  #noted: readonly PreparedTransaction[] = [];

  /** @param history names the numbers of epochs from a start without a checkpoint on */
  constructor(history: string) {
    this.#history = history;
  }

  get history(): string {
    return this.#history;
  }

  /** The transaction to commit next. */
  get due(): PreparedTransaction | undefined {
    const first = this.#prepared[0];
    return first !== undefined && first.epoch <= this.#completeEpoch ? first : undefined;
  }

  /** The newest transaction that was committed. */
  get newest(): PreparedTransaction | undefined {
    return this.#newest;
  }

  /** Transactions that wait for their epoch, or for their commit. */
  get uncommittedCount(): number {
    return this.#prepared.length + this.#parts.length;
  }

  /** A transaction of the epoch in progress was prepared. */
  prepared(handle: unknown): void {
    this.#parts.push(handle);
  }

  /** The epoch in progress ends; what has changed for its snapshot. */
  close(epoch: number): readonly StateEntry[] {
    assert(epoch > this.#closedEpoch, "X1: epochs are closed in order");
    this.#closedEpoch = epoch;
    for (const [part, handle] of this.#parts.entries()) this.#prepared.push({ epoch, part, handle });
    this.#parts = [];
    const logged = this.#newest === undefined ? [...this.#prepared] : [this.#newest, ...this.#prepared];
    const isNoted = logged.length === this.#noted.length && logged.every((each, index) => each === this.#noted[index]);
    if (isNoted) return [];
    this.#noted = logged;
    const value: LoggedTransactions = {
      history: this.#history,
      transactions: logged.map(({ epoch: of, part, handle }) => [of, part, handle]),
    };
    return [[stateName, "", true, value]];
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

  /** Starts from the checkpoint of an epoch: all that it holds is due. */
  restore(entries: readonly StateEntry[], epoch: number): void {
    assert(this.uncommittedCount === 0 && this.#closedEpoch === 0, "X3: a sink starts over as a new one");
    this.#closedEpoch = epoch;
    this.#completeEpoch = epoch;
    const value = entries.find(([name]) => name === stateName)?.[3] as LoggedTransactions | undefined;
    if (value === undefined) return;
    this.#history = value.history;
    this.#prepared = value.transactions.map(([of, part, handle]) => ({ epoch: of, part, handle }));
    this.#noted = [...this.#prepared];
  }
}
