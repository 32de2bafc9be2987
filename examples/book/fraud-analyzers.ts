/** The analyzers of the fraud detection: each gives a transaction a score from 0 (as ever) to 1 (surely a fraud). */

import type { ProcessContext } from "../../jobs/index.ts";
import type { Transaction } from "./transaction.ts";

export interface Score {
  readonly transaction: Transaction;
  /** Name of the analyzer. */
  readonly analyzer: string;
  readonly score: number;
}

/** Is the amount far above what the user spends on average? */
export class AverageTicket {
  readonly #spent = new Map<string, { total: number; count: number }>();

  onEvent(transaction: Transaction, context: ProcessContext<Score>): void {
    const { user, amount } = transaction;
    const spent = this.#spent.get(user) ?? { total: 0, count: 0 };
    this.#spent.set(user, spent);
    const timesAverage = spent.total === 0 ? 1 : (amount * spent.count) / spent.total;
    spent.total += amount;
    spent.count += 1;
    // Up to twice the average is as ever, ten times is a fraud.
    context.emit({ transaction, analyzer: context.operator, score: clamp((timesAverage - 2) / 8) });
  }
}

/** Does the user pay faster than people do? */
export class Velocity {
  readonly #lastMs = new Map<string, number>();

  onEvent(transaction: Transaction, context: ProcessContext<Score>): void {
    const { user, atMs } = transaction;
    const lastMs = this.#lastMs.get(user);
    this.#lastMs.set(user, atMs);
    const pauseMs = lastMs === undefined ? calmPauseMs : Math.abs(atMs - lastMs);
    context.emit({ transaction, analyzer: context.operator, score: clamp(1 - pauseMs / calmPauseMs) });
  }
}

/** Could the user have walked here from the last shop in this time? */
export class ImpossibleWalk {
  readonly #last = new Map<string, Transaction>();

  onEvent(transaction: Transaction, context: ProcessContext<Score>): void {
    const last = this.#last.get(transaction.user) ?? transaction;
    this.#last.set(transaction.user, transaction);
    const walkMs = Math.abs(transaction.shop - last.shop) * walkPerShopMs;
    const hadMs = Math.abs(transaction.atMs - last.atMs);
    context.emit({ transaction, analyzer: context.operator, score: hadMs < walkMs ? 1 - hadMs / walkMs : 0 });
  }
}

const calmPauseMs = 10_000;
const walkPerShopMs = 1_000;

function clamp(score: number): number {
  return Math.min(1, Math.max(0, score));
}
