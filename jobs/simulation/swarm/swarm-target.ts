/**
 * SwarmTarget: what a transactional sink of the swarm writes to. It outlives threads and processes, its functions fail where
 * the plan says so, and it notes what a well-behaved sink never does.
 */

import { type CommitInfo, defineTransactionalSink, type SinkSpec } from "../../../actors/index.ts";
import type { SwarmItem, SwarmSink } from "./swarm-plan.ts";
import type { SwarmTroubles } from "./swarm-troubles.ts";

interface OpenItems {
  readonly name: string;
  readonly items: SwarmItem[];
}

export class SwarmTarget {
  /** Of committed transactions, in the order of the commits. */
  readonly shown: SwarmItem[] = [];
  /** Commits that came in another order than that of the epochs (I4). */
  readonly disorder: string[] = [];
  readonly #sink: SwarmSink;
  readonly #troubles: SwarmTroubles;
  readonly #prepared = new Map<string, readonly SwarmItem[]>();
  readonly #committed = new Set<string>();
  /** The newest commit of each instance, within a history. */
  readonly #newest = new Map<string, CommitInfo>();
  #calls = 0;

  constructor(sink: SwarmSink, troubles: SwarmTroubles) {
    this.#sink = sink;
    this.#troubles = troubles;
  }

  sink(): SinkSpec<SwarmItem> {
    return defineTransactionalSink<SwarmItem, OpenItems, string>({
      kind: "swarm",
      eventsMax: this.#sink.eventsMax,
      create: () => ({
        recover: (_newest, { namesBeginWith }) => this.#during(() => this.#abort(namesBeginWith)),
        begin: (name) => this.#during(() => ({ name, items: [] })),
        write: ({ items }, more) => this.#during(() => void items.push(...more)),
        prepare: ({ name, items }) =>
          this.#during(() => {
            this.#prepared.set(name, items);
            return name;
          }),
        commit: (name, about) => this.#during(() => this.#commit(name, about)),
      }),
    });
  }

  #abort(namesBeginWith: string): void {
    for (const name of this.#prepared.keys()) if (name.startsWith(namesBeginWith)) this.#prepared.delete(name);
  }

  #commit(name: string, about: CommitInfo): void {
    if (this.#committed.has(name)) return;
    const items = this.#prepared.get(name);
    if (items === undefined) throw new Error(`${this.#sink.name}: transaction ${name} is not there`);
    this.#prepared.delete(name);
    this.#committed.add(name);
    const place = `${about.history}/${about.instance}`;
    const newest = this.#newest.get(place);
    if (newest !== undefined && isBefore(about, newest)) {
      this.disorder.push(`${name} (epoch ${about.epoch}) was committed behind epoch ${newest.epoch}`);
    }
    this.#newest.set(place, about);
    this.shown.push(...items);
  }

  #during<R>(act: () => R): R | Promise<R> {
    if (!this.#sink.isSlow) return this.#troubles.during(this.#sink.name, act);
    this.#calls += 1;
    return this.#later(this.#calls % 7, act);
  }

  async #later<R>(rounds: number, act: () => R): Promise<R> {
    for (let round = 0; round < rounds; round += 1) await null;
    return this.#troubles.during(this.#sink.name, act);
  }
}

function isBefore(left: CommitInfo, right: CommitInfo): boolean {
  return left.epoch < right.epoch || (left.epoch === right.epoch && left.part < right.part);
}
