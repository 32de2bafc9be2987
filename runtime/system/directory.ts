/**
 * Directory: which actors live where, and who watches them; kept on host 0 from the facts that all hosts publish.
 *
 * Invariant
 *  D1  a watcher hears of each termination once: of an actor known to have stopped or not known at all, at once.
 */

import type { Address } from "../address.ts";
import type { WatchQuery } from "../host/frame.ts";
import type { Fact } from "./fact.ts";

/** What the directory asks of the host it lives on. */
export interface DirectoryActions {
  /** Tells a watcher that an actor is no more. */
  terminated(watcher: Address, path: string, reason: string): void;
  /** Asks the actor's host whether it lives; the host answers with a fact when it does not. */
  check(query: WatchQuery): void;
}

export class Directory {
  readonly #actions: DirectoryActions;
  readonly #hostByPath = new Map<string, number>();
  readonly #watchersByPath = new Map<string, Map<string, Address>>();

  constructor(actions: DirectoryActions) {
    this.#actions = actions;
  }

  /** Where an actor lives; undefined when none is known by that path. */
  find(path: string): Address | undefined {
    const host = this.#hostByPath.get(path);
    return host === undefined ? undefined : { path, host };
  }

  /** Every known actor, in the order they started. */
  all(): Address[] {
    return [...this.#hostByPath].map(([path, host]) => ({ path, host }));
  }

  onFact(fact: Fact): void {
    if (fact.kind === "actor-started") this.#hostByPath.set(fact.path, fact.host);
    if (fact.kind === "actor-stopped") this.#stopped(fact.path, fact.reason);
  }

  onWatch(query: WatchQuery): void {
    if (query.kind === "unwatch") {
      this.#watchersByPath.get(query.path)?.delete(query.watcher);
      return;
    }
    const watchers = this.#watchersByPath.get(query.path) ?? new Map<string, Address>();
    this.#watchersByPath.set(query.path, watchers);
    watchers.set(query.watcher, { path: query.watcher, host: query.watcherHost });
    if (!this.#hostByPath.has(query.path)) this.#actions.check({ ...query, kind: "check" });
  }

  #stopped(path: string, reason: string): void {
    this.#hostByPath.delete(path);
    const watchers = this.#watchersByPath.get(path);
    this.#watchersByPath.delete(path);
    for (const watcher of watchers?.values() ?? []) this.#actions.terminated(watcher, path, reason);
  }
}
