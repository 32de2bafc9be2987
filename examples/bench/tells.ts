/**
 * Tells to one actor, as W5-tells times them: first in bursts of a thousand, each burst handled before the next one, for the rate; then one at
 * a time to an actor that has nothing to do, for the latency, from the tell to the moment at which it is handled.
 */

import type { RoundResult } from "./contender.ts";
import { startTaking } from "./taken.ts";
import { threadNowMs } from "./thread-clock.ts";

export interface Tell {
  readonly value: number;
  /** When it was told, on the clock of all threads; 0 where its latency is not asked for. */
  readonly sentMs: number;
}

/** What an actor has handled since it last said so. */
export interface Handled {
  readonly sum: number;
  readonly latenciesUs: readonly number[];
}

export interface TellTarget {
  tell(tell: Tell): void;
  /** Resolves when all that was told so far is handled. */
  handled(): Promise<Handled>;
}

/** The actor's own part. */
export class TellCount {
  #sum = 0;
  #latenciesUs: number[] = [];

  take({ value, sentMs }: Tell): void {
    this.#sum += value;
    if (sentMs > 0) this.#latenciesUs.push((threadNowMs() - sentMs) * 1_000);
  }

  handled(): Handled {
    const handled = { sum: this.#sum, latenciesUs: this.#latenciesUs };
    this.#sum = 0;
    this.#latenciesUs = [];
    return handled;
  }
}

const burst = 1_000;
/** Of the tells of a round, one in so many is told again, by itself. */
const timedShare = 20;

export async function timeTells(tells: number, target: TellTarget): Promise<RoundResult> {
  let sum = 0;
  const taken = startTaking();
  for (let start = 0; start < tells; start += burst) {
    const end = Math.min(tells, start + burst);
    for (let value = start; value < end; value += 1) target.tell({ value, sentMs: 0 });
    sum += (await target.handled()).sum;
  }
  const flow = taken();
  const latenciesUs: number[] = [];
  for (let index = 0; index < Math.ceil(tells / timedShare); index += 1) {
    target.tell({ value: 0, sentMs: threadNowMs() });
    latenciesUs.push(...(await target.handled()).latenciesUs);
  }
  return { flow, answer: [sum], latenciesUs: Float64Array.from(latenciesUs) };
}
