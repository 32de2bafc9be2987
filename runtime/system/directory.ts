/**
 * Directory: which actors live where, and who watches them; kept on host 0 from the facts that all hosts publish.
 *
 * Invariants
 *  D1  a watcher hears of each termination once: of an actor known to have stopped or not known at all, at once.
 *  D2  nothing is kept of actors that have stopped, neither as watched nor as watcher.
 */

import type { Address } from "../address.ts";
import type { WatchQuery } from "../host/frame.ts";
import { pathMark } from "../threads/in-hand.ts";
import type { Fact } from "./fact.ts";

/** What the directory asks of the host it lives on. */
export interface DirectoryActions {
  /** Tells a watcher that an actor is no more. */
  terminated(watcher: Address, path: string, reason: string): void;
  /** Asks the actor's host whether it lives; the host answers `unknown` when it does not. */
  check(query: WatchQuery): void;
}

interface Place {
  readonly host: number;
  readonly supervisorHost: number;
}

export class Directory {
  readonly #actions: DirectoryActions;
  readonly #placeByPath = new Map<string, Place>();
  /** By the watched path, then by the watcher's. */
  readonly #watches = new Map<string, Map<string, WatchQuery>>();
  readonly #watchedByWatcher = new Map<string, Set<string>>();

  constructor(actions: DirectoryActions) {
    this.#actions = actions;
  }

  /** Watches that are kept. */
  get watchCount(): number {
    let count = 0;
    for (const watches of this.#watches.values()) count += watches.size;
    return count;
  }

  /** Where an actor lives; undefined when none is known by that path. */
  find(path: string): Address | undefined {
    const place = this.#placeByPath.get(path);
    return place === undefined ? undefined : { path, host: place.host };
  }

  /** The path of an actor on a host, by the number that stands for it in shared memory. */
  pathOn(host: number, mark: number): string | undefined {
    for (const [path, place] of this.#placeByPath) if (place.host === host && pathMark(path) === mark) return path;
    return undefined;
  }

  /** The actors that are lost for good when the host is: their supervisors lived there too. */
  lostWith(host: number): string[] {
    const places = [...this.#placeByPath];
    return places.filter(([, place]) => place.host === host && place.supervisorHost === host).map(([path]) => path);
  }

  onFact(fact: Fact): void {
    if (fact.kind === "actor-started") this.#placeByPath.set(fact.path, fact);
    if (fact.kind === "actor-stopped") this.#stopped(fact.path, fact.reason);
  }

  onWatch(query: WatchQuery): void {
    if (query.kind === "unwatch") this.#unwatch(query.path, query.watcher);
    else if (query.kind === "unknown") this.#unknown(query);
    else this.#watch(query);
  }

  /** Asks the replacement of a host again what the dead one may have left unanswered. */
  checkAgain(host: number): void {
    for (const [path, watches] of this.#watches) {
      if (this.#placeByPath.has(path)) continue;
      for (const query of watches.values()) if (query.host === host) this.#actions.check({ ...query, kind: "check" });
    }
  }

  #watch(query: WatchQuery): void {
    const { path, watcher } = query;
    const watches = this.#watches.get(path) ?? new Map<string, WatchQuery>();
    this.#watches.set(path, watches.set(watcher, query));
    const watched = this.#watchedByWatcher.get(watcher) ?? new Set<string>();
    this.#watchedByWatcher.set(watcher, watched.add(path));
    if (!this.#placeByPath.has(path)) this.#actions.check({ ...query, kind: "check" });
  }

  #unwatch(path: string, watcher: string): WatchQuery | undefined {
    const watches = this.#watches.get(path);
    const query = watches?.get(watcher);
    watches?.delete(watcher);
    if (watches?.size === 0) this.#watches.delete(path);
    const watched = this.#watchedByWatcher.get(watcher);
    watched?.delete(path);
    if (watched?.size === 0) this.#watchedByWatcher.delete(watcher);
    return query;
  }

  /** The actor's host knows no such actor; unless it has started since, its watcher hears that. */
  #unknown({ path, watcher }: WatchQuery): void {
    if (!this.#placeByPath.has(path)) this.#terminated(path, watcher, "unknown");
  }

  #stopped(path: string, reason: string): void {
    this.#placeByPath.delete(path);
    for (const watcher of [...(this.#watches.get(path)?.keys() ?? [])]) this.#terminated(path, watcher, reason);
    for (const watched of [...(this.#watchedByWatcher.get(path) ?? [])]) this.#unwatch(watched, path);
  }

  #terminated(path: string, watcher: string, reason: string): void {
    const query = this.#unwatch(path, watcher);
    if (query !== undefined) this.#actions.terminated({ path: watcher, host: query.watcherHost }, path, reason);
  }
}
