/** UpdateView: the updates of a job as lines to read, and what they add up to. */

import type { Decision } from "./score-aggregator.ts";
import type { Usage } from "./system-usage.ts";
import type { CountUpdate } from "./vehicle-counter.ts";

export interface UpdateView {
  /** Takes in an update and says it in one line. */
  line(update: unknown): string;
  /** What all updates add up to. */
  totals(): readonly string[];
}

/** `sensor 0 -> counter 1   truck  3` */
export class CountView implements UpdateView {
  /** Counts by type, by counter. */
  readonly #counts = new Map<string, Map<string, number>>();

  line(update: unknown): string {
    const { countedBy, vehicle, count } = update as CountUpdate;
    const counts = this.#counts.get(countedBy) ?? new Map<string, number>();
    this.#counts.set(countedBy, counts.set(vehicle.type, count));
    return `${`${vehicle.seenBy} -> ${countedBy}`.padEnd(28)}  ${vehicle.type.padEnd(8)}  ${count}`;
  }

  totals(): readonly string[] {
    return sorted(this.#counts).map(([counter, counts]) => {
      const each = sorted(counts).map(([type, count]) => `${type} ${count}`);
      return `${counter.padEnd(16)}  ${each.join(", ")}`;
    });
  }
}

/** `t3  analyzer 0 has seen 2 transactions, 1 fraud` */
export class UsageView implements UpdateView {
  readonly #newest = new Map<string, Usage>();

  line(update: unknown): string {
    const usage = update as Usage;
    this.#newest.set(usage.countedBy, usage);
    return `${usage.transaction.id.padEnd(4)}  ${usage.countedBy} has seen ${usageText(usage)}`;
  }

  totals(): readonly string[] {
    return sorted(this.#newest).map(([analyzer, usage]) => `${analyzer.padEnd(16)}  ${usageText(usage)}`);
  }
}

/** `t6    ann      950.00  shop 7     FRAUD  average-ticket 1.00, ...` */
export class DecisionView implements UpdateView {
  readonly #frauds: string[] = [];
  #count = 0;

  line(update: unknown): string {
    const { transaction, scores, isFraud, decidedBy } = update as Decision;
    const { id, user, amount, shop } = transaction;
    this.#count += 1;
    if (isFraud) this.#frauds.push(id);
    const reasons = sorted(new Map(Object.entries(scores))).map(
      ([analyzer, score]) => `${analyzer} ${score.toFixed(2)}`,
    );
    return [
      id.padEnd(4),
      user.padEnd(6),
      amount.toFixed(2).padStart(8),
      `shop ${shop}`.padEnd(8),
      isFraud ? "FRAUD" : "fine ",
      `${reasons.join("  ")}  (${decidedBy})`,
    ].join("  ");
  }

  totals(): readonly string[] {
    const frauds = this.#frauds.length === 0 ? "none is a fraud" : `frauds: ${this.#frauds.join(", ")}`;
    return [`${counted(this.#count, "transaction")}, ${frauds}`];
  }
}

function usageText({ transactions, frauds }: Usage): string {
  return `${counted(transactions, "transaction")}, ${counted(frauds, "fraud")}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function sorted<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
}
