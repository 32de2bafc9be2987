/**
 * lookup: each event with what an asynchronous function finds for it: mapAsync with a cache in front of its calls. The cache is
 * no state: an instance that starts over begins with an empty one.
 *
 * Invariants
 *  U1  of one key at most one call is in flight per instance; who waits for it makes one of its own when that fails.
 *  U2  an error is no answer: the next event of its key calls again.
 */

import { type Clock, checkNames, type Duration, durationMs, OptionError, wholeNumber } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { checkKey } from "../groupings/key-hash.ts";
import { lookupCacheEntriesDefault, lookupCacheEntriesMax } from "../limits.ts";
import type { OperatorContext, OperatorSpec } from "../operator.ts";
import type { CallContext } from "../operators/async-call.ts";
import { type AsyncWork, asyncOperator, type MapAsyncOptions } from "../operators/map-async.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { LookupCache, type LookupCacheFigures, type LookupCacheSettings } from "./lookup-cache.ts";

/** A result of `lookup`. */
export interface LookedUp<A, V> {
  readonly event: A;
  readonly found: V;
}

export interface LookupOptions<A> extends MapAsyncOptions<A> {
  /** Default: none, every event is a call. */
  readonly cache?: LookupCacheOptions<A>;
}

export interface LookupCacheOptions<A> {
  /** What the answer depends on; by default the key of the event by keyBy. */
  readonly key?: (event: A) => Key;
  /** How long an answer is good for. */
  readonly ttl: Duration;
  /** How long it is good for that there is none (`undefined` or `null`). Default `ttl`; 0: it is not kept. */
  readonly negativeTtl?: Duration;
  /** Answers kept per instance. Default `lookupCacheEntriesDefault`. */
  readonly size?: number;
}

/**
 * Calls `find` for each event, and puts out the event with what the promise resolves to. Events fail as those of mapAsync, and
 * with ERR_ACT_KEY when they have no key for the cache.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function lookup<A, V>(
  find: (event: A, context: CallContext) => PromiseLike<V> | V,
  options: LookupOptions<A> = {},
): OperatorSpec {
  if (typeof find !== "function") throw new OptionError("lookup", find, "a function");
  const call = find as Find;
  const cache = options.cache === undefined ? undefined : checkCache(options.cache);
  return asyncOperator(
    "lookup",
    () => (cache === undefined ? plainLookup(call) : new CachedLookup(call, cache)),
    options,
  );
}

type Find = (event: unknown, context: CallContext) => unknown;

interface CacheSettings extends LookupCacheSettings {
  readonly key: ((event: unknown) => unknown) | undefined;
}

function checkCache<A>(options: LookupCacheOptions<A>): CacheSettings {
  checkNames("lookup: cache", options, { key: true, ttl: true, negativeTtl: true, size: true });
  const { key, ttl, negativeTtl = ttl, size } = options;
  if (key !== undefined) checkPlainFunction("lookup: cache.key", key);
  const ttlMs = durationMs(ttl, "lookup: cache.ttl");
  if (ttlMs === 0) throw new OptionError("lookup: cache.ttl", ttl, "a duration above 0");
  return {
    key: key as CacheSettings["key"],
    ttlMs,
    negativeTtlMs: durationMs(negativeTtl, "lookup: cache.negativeTtl"),
    entriesMax: wholeNumber("lookup: cache.size", size ?? lookupCacheEntriesDefault, 1, lookupCacheEntriesMax),
  };
}

function plainLookup(find: Find): AsyncWork {
  return {
    call: async (event, context): Promise<LookedUp<unknown, unknown>> => ({ event, found: await find(event, context) }),
  };
}

class CachedLookup implements AsyncWork {
  readonly #find: Find;
  readonly #key: CacheSettings["key"];
  readonly #cache: LookupCache;
  /** U1 */
  readonly #flights = new Map<Key, Promise<unknown>>();
  #clock!: Clock;
  #hits = 0;
  #misses = 0;
  #shared = 0;

  constructor(find: Find, settings: CacheSettings) {
    this.#find = find;
    this.#key = settings.key;
    this.#cache = new LookupCache(settings);
  }

  open({ clock }: OperatorContext): void {
    this.#clock = clock;
  }

  known(event: unknown, streamKey: Key | undefined): { readonly result: unknown } | undefined {
    const answer = this.#cache.get(this.#keyOf(event, streamKey), this.#clock.monotonicMs());
    if (answer === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    return { result: { event, found: answer.found } satisfies LookedUp<unknown, unknown> };
  }

  async call(event: unknown, context: CallContext): Promise<LookedUp<unknown, unknown>> {
    const key = this.#keyOf(event, context.key);
    let waited = false;
    for (let flight = this.#flights.get(key); flight !== undefined; flight = this.#flights.get(key)) {
      if (!waited) this.#shared += 1;
      waited = true;
      try {
        return { event, found: await flight };
      } catch {
        // Its own call follows, unless nobody waits for it any more.
        context.signal.throwIfAborted();
      }
    }
    const answer = context.attempt > 1 ? this.#cache.get(key, this.#clock.monotonicMs()) : undefined;
    if (answer !== undefined) return { event, found: answer.found };
    const flight = this.#fly(event, context);
    this.#flights.set(key, flight);
    try {
      const found = await flight;
      this.#cache.set(key, found, this.#clock.monotonicMs());
      return { event, found };
    } finally {
      this.#flights.delete(key);
    }
  }

  onMessage(): LookupCacheFigures {
    return { hits: this.#hits, misses: this.#misses, shared: this.#shared, size: this.#cache.size };
  }

  #keyOf(event: unknown, streamKey: Key | undefined): Key {
    const key = this.#key === undefined ? streamKey : this.#key(event);
    checkKey("lookup: cache.key", key);
    return key;
  }

  /** Ends with the attempt that makes the call, also when that goes on for ever. */
  #fly(event: unknown, context: CallContext): Promise<unknown> {
    const { signal } = context;
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      // Not handed to resolve: from then on reject would have no effect.
      Promise.resolve(this.#find(event, context)).then(resolve, reject);
    });
  }
}
