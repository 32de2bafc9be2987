/** ScoreAggregator: holds the scores of a transaction until all are there, then decides and forgets it. */

import type { ProcessContext } from "../../jobs/index.ts";
import type { Score } from "./fraud-analyzers.ts";
import type { Transaction } from "./transaction.ts";

export interface Decision {
  readonly transaction: Transaction;
  /** By name of the analyzer. */
  readonly scores: Readonly<Record<string, number>>;
  readonly isFraud: boolean;
  /** Name and instance of the operator: `decision 1`. */
  readonly decidedBy: string;
}

const analyzerCount = 3;
/** A transaction whose scores sum up to this is a fraud. */
const fraudScoreMin = 1;

export class ScoreAggregator {
  /** By transaction id; `keyBy` sends all scores of one transaction to one instance. */
  readonly #scores = new Map<string, Record<string, number>>();

  onEvent({ transaction, analyzer, score }: Score, context: ProcessContext<Decision>): void {
    const scores = this.#scores.get(transaction.id) ?? {};
    this.#scores.set(transaction.id, scores);
    scores[analyzer] = score;
    if (Object.keys(scores).length < analyzerCount) return;
    this.#scores.delete(transaction.id);
    const sum = Object.values(scores).reduce((total, each) => total + each, 0);
    const decidedBy = `${context.operator} ${context.instance}`;
    context.emit({ transaction, scores, isFraud: sum >= fraudScoreMin, decidedBy });
  }

  /** How many transactions wait for scores. */
  onMessage(): number {
    return this.#scores.size;
  }
}
