/**
 * SwarmTarget: what a transactional or a plain sink of the swarm writes to. Its functions fail where the plan says so, and it notes what a
 * well-behaved sink never does.
 */

import type { CallContext, CommitInfo, SinkSpec } from "../../../actors/index.ts";
import { ItemTransactions } from "./item-transactions.ts";
import { callMsOf } from "./swarm-item.ts";
import type { SwarmItem, SwarmSink } from "./swarm-plan.ts";
import type { SwarmTroubles } from "./swarm-troubles.ts";

export class SwarmTarget {
  /** Commits that came in another order than that of the epochs (I4). */
  readonly disorder: string[] = [];
  readonly #sink: SwarmSink;
  readonly #troubles: SwarmTroubles;
  readonly #transactions: ItemTransactions<SwarmItem>;
  /** The newest commit of each instance, within a history. */
  readonly #newest = new Map<string, CommitInfo>();
  readonly #effects: SwarmItem[] = [];
  #calls = 0;

  constructor(sink: SwarmSink, troubles: SwarmTroubles) {
    this.#sink = sink;
    this.#troubles = troubles;
    this.#transactions = new ItemTransactions(sink.name);
  }

  /** Of committed transactions, in the order of the commits; of a plain sink all that took effect. */
  get shown(): readonly SwarmItem[] {
    return this.#sink.kind === "plain" ? this.#effects : this.#transactions.shown;
  }

  sink(): SinkSpec<SwarmItem> {
    return this.#transactions.sink({
      kind: "swarm",
      eventsMax: this.#sink.eventsMax,
      during: (act) => this.#during(act),
      onCommit: (name, about) => this.#noteOrder(name, about),
    });
  }

  /** What a plain sink does with an item; it takes effect when the call is over. */
  async call(item: SwarmItem, { clock }: Pick<CallContext, "clock">): Promise<void> {
    if (this.#sink.isSlow) await new Promise<void>((resolve) => clock.after(callMsOf(item), resolve));
    this.#troubles.during("sink", this.#sink.name, () => this.#effects.push(item));
  }

  #noteOrder(name: string, about: CommitInfo): void {
    const place = `${about.history}/${about.instance}`;
    const newest = this.#newest.get(place);
    if (newest !== undefined && isBefore(about, newest)) {
      this.disorder.push(`${name} (epoch ${about.epoch}) was committed behind epoch ${newest.epoch}`);
    }
    this.#newest.set(place, about);
  }

  #during<R>(act: () => R): R | Promise<R> {
    if (!this.#sink.isSlow) return this.#troubles.during("sink", this.#sink.name, act);
    this.#calls += 1;
    return this.#later(this.#calls % 7, act);
  }

  async #later<R>(rounds: number, act: () => R): Promise<R> {
    for (let round = 0; round < rounds; round += 1) await null;
    return this.#troubles.during("sink", this.#sink.name, act);
  }
}

function isBefore(left: CommitInfo, right: CommitInfo): boolean {
  return left.epoch < right.epoch || (left.epoch === right.epoch && left.part < right.part);
}
