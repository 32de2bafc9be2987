/**
 * Lookups with a cache against their rules: a service that finds something, or nothing, rejects, is too slow or never answers; answers that
 * grow old or make room; instances that start over. Events one behind the other are held against a reference that says everything
 * beforehand; those of many calls at a time against what has to be true of them, from the notes of the service.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { type AskedCall, AskedService, type Outcome, rejection } from "./fixtures/asked-service.ts";
import { type Expected, LookupReference, type LookupRules } from "./fixtures/lookup-reference.ts";
import { type LookedUp, type LookupOptions, lookup } from "./lookup.ts";

type Step =
  | { readonly kind: "events"; readonly keys: readonly string[] }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "barrier" }
  /** At a barrier, or some time behind one: everything since comes again. */
  | { readonly kind: "restart"; readonly isPlanned: boolean };

const keys = ["a", "b", "c", "d"];
const timeoutMs = 15;

const outcome: fc.Arbitrary<Outcome> = fc.record({
  kind: fc.constantFrom("found", "found", "found", "nothing", "rejects", "hangs"),
  // The longest is longer than the timeout.
  afterMs: fc.constantFrom(0, 1, 4, 9, timeoutMs + 3),
});
const outcomes = fc.array(outcome, { minLength: 1, maxLength: 12 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("events" as const),
        keys: fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 5 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.integer({ min: 1, max: 25 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: "barrier" as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), isPlanned: fc.boolean() }) },
  ),
  { maxLength: 25, size: "max" },
);
const settings = fc.record({
  ttlMs: fc.constantFrom(10, 40, 1_000),
  negativeTtlMs: fc.constantFrom(0, 5, 60),
  size: fc.constantFrom(1, 2, 3, keys.length),
  attempts: fc.constantFrom(1, 2, 3),
  order: fc.constantFrom("ordered" as const, "per-key" as const, "unordered" as const),
  concurrency: fc.constantFrom(1, 2, 3, 100),
});

type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;

function optionsOf({ ttlMs, negativeTtlMs, size, attempts, order, concurrency }: Settings): LookupOptions<string> {
  const retry = { attempts, delay: 4, delayMax: 1_000 };
  return { order, concurrency, timeout: timeoutMs, retry, cache: { ttl: ttlMs, negativeTtl: negativeTtlMs, size } };
}

/** Of a lookup whose chance is always the middle: three quarters of what doubles with every failure. */
const delayMs = (attempt: number) => 0.75 * 4 * 2 ** (attempt - 1);

type Harness = OperatorHarness<string, LookedUp<string, string | undefined>>;

const open = (service: AskedService, options: LookupOptions<string>, clock: VirtualClock): Promise<Harness> =>
  OperatorHarness.open(lookup(service.find, options), { clock, guarantee: "exactly-once" });

test("events one behind the other have the answer that the rules say, by the calls that they say", async () => {
  await fc.assert(
    fc.asyncProperty(steps, outcomes, settings, async (drawn, outcomes, settings) => {
      const clock = new VirtualClock(0);
      const service = new AskedService(clock, outcomes);
      const rules: LookupRules = { ...settings, timeoutMs, delayMs };
      const reference = new LookupReference(rules, outcomes);
      let harness = await open(service, optionsOf(settings), clock);
      let count = 0;
      for (const step of drawn) {
        if (step.kind === "time") await harness.advance(step.ms);
        else if (step.kind === "restart") {
          expect(await harness.barrier(1)).toEqual([]);
          await harness.close();
          harness = await open(service, optionsOf(settings), clock);
          reference.restart();
        }
        for (const key of step.kind === "events" ? step.keys : []) {
          count += 1;
          const event = `${key}${count}`;
          const expected = reference.ask(event, key, clock.monotonicMs());
          const [results, dead] = [harness.values().length, harness.deadLetters.length];
          harness.feed([{ value: event, key }]);
          await harness.settle();

          expect(outcomesOf(harness, results, dead)).toEqual([[event, expected]]);
          const { hits, misses, size } = reference;
          expect(harness.tell("figures")).toEqual({ hits, misses, shared: 0, size });
        }
      }
      expect(service.calls.map((call) => `${call.event}, attempt ${call.attempt} at ${call.startMs}`)).toEqual(
        reference.calls,
      );
    }),
    { seed: 5, numRuns: 120 },
  );
});

test("events of many calls at a time have one outcome each, in order, by no call too many", async () => {
  await fc.assert(
    fc.asyncProperty(steps, outcomes, settings, async (drawn, outcomes, settings) => {
      const trial = await Trial.open(settings, outcomes);
      for (const step of [...drawn, { kind: "barrier" } as const]) {
        if (step.kind === "events") trial.feed(step.keys);
        else if (step.kind === "time") await trial.advance(step.ms);
        else if (step.kind === "barrier") await trial.barrier();
        else await trial.restart(step.isPlanned);
      }

      expect(trial.committed.map(([event]) => Number(event.slice(1))).toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: trial.count }, (_, index) => index + 1),
      );
    }),
    { seed: 5, numRuns: 150 },
  );
});

type EventOutcome = readonly [event: string, outcome: Expected];

/** What has become of events since there were so many results and dead letters. */
function outcomesOf(harness: Harness, results: number, dead: number): readonly EventOutcome[] {
  return [
    ...harness
      .values()
      .slice(results)
      .map(({ event, found }): EventOutcome => [event, { kind: "result", found }]),
    ...harness.deadLetters.slice(dead).map(({ value, error }): EventOutcome => {
      if (error !== rejection) expect(error).toMatchObject({ code: "ERR_ACT_CALL_TIMEOUT" });
      return [value as string, { kind: "dead", why: error === rejection ? "rejected" : "timed out" }];
    }),
  ];
}

/** A lookup with many calls at a time, held against its rules at every barrier. */
class Trial {
  /** What has become of all events before the last barrier. */
  readonly committed: EventOutcome[] = [];
  count = 0;
  readonly #settings: Settings;
  readonly #clock = new VirtualClock(0);
  readonly #outcomes: readonly Outcome[];
  #service!: AskedService;
  #harness!: Harness;
  /** Since the last barrier. */
  #fed: string[] = [];
  readonly #fedMs = new Map<string, number>();
  #fedCount = 0;
  #seen = { results: 0, dead: 0 };

  static async open(settings: Settings, outcomes: readonly Outcome[]): Promise<Trial> {
    const trial = new Trial(settings, outcomes);
    await trial.#open();
    return trial;
  }

  private constructor(settings: Settings, outcomes: readonly Outcome[]) {
    this.#settings = settings;
    this.#outcomes = outcomes;
  }

  feed(keys: readonly string[]): void {
    const events = keys.map((key) => {
      this.count += 1;
      return `${key}${this.count}`;
    });
    this.#fed.push(...events);
    this.#feed(events);
  }

  async advance(ms: number): Promise<void> {
    await this.#harness.advance(ms);
    const open = this.#service.calls.filter(({ endMs }) => endMs === undefined);
    expect(open.length).toBeLessThanOrEqual(this.#settings.concurrency);
  }

  async barrier(): Promise<void> {
    expect(await this.#harness.barrier(1)).toEqual([]);
    const outcomes = outcomesOf(this.#harness, this.#seen.results, this.#seen.dead);
    this.#seen = { results: this.#harness.values().length, dead: this.#harness.deadLetters.length };
    this.committed.push(...outcomes);
    this.#fed = [];
    this.#expectOrder();
    for (const [event, outcome] of outcomes) this.#expectRight(event, outcome);
    for (const call of this.#service.calls) this.#expectNeeded(call);
    const { hits, misses } = this.#harness.tell("figures") as { readonly hits: number; readonly misses: number };
    expect(hits + misses).toBe(this.#fedCount);
  }

  async restart(isPlanned: boolean): Promise<void> {
    if (isPlanned) await this.barrier();
    await this.#harness.close();
    await this.#open();
    if (this.#fed.length > 0) this.#feed(this.#fed);
  }

  async #open(): Promise<void> {
    this.#service = new AskedService(this.#clock, this.#outcomes);
    this.#harness = await open(this.#service, optionsOf(this.#settings), this.#clock);
    this.#fedCount = 0;
    this.#seen = { results: 0, dead: 0 };
  }

  #feed(events: readonly string[]): void {
    for (const event of events) this.#fedMs.set(event, this.#clock.monotonicMs());
    this.#fedCount += events.length;
    this.#harness.feed(events.map((value) => ({ value, key: value[0]!, time: Number(value.slice(1)) })));
  }

  #expectOrder(): void {
    const results = this.#harness.results().main!;
    const numbers = results.map(({ value }) => Number((value as LookedUp<string, unknown>).event.slice(1)));
    expect(results.map(({ time }) => time)).toEqual(numbers);
    const ofKeys = keys.map((key) => numbers.filter((_, index) => this.#harness.values()[index]!.event[0] === key));
    const { order } = this.#settings;
    for (const line of order === "ordered" ? [numbers] : order === "per-key" ? ofKeys : []) {
      expect(line).toEqual(line.toSorted((one, other) => one - other));
    }
  }

  /** Its own call, or one for its key that went on when it came, or whose answer was still good. */
  #expectRight(event: string, outcome: Expected): void {
    const ofKey = this.#service.calls.filter((call) => call.key === event[0]);
    const own = ofKey.filter((call) => call.event === event);
    expect(own.length).toBeLessThanOrEqual(this.#settings.attempts);
    if (outcome.kind === "dead") return expect(own.filter(hasAnswer)).toEqual([]);
    const fedMs = this.#fedMs.get(event)!;
    const givers = ofKey.filter((call) => {
      if (!hasAnswer(call) || call.answer !== outcome.found) return false;
      return call.event === event || call.endMs! >= fedMs || this.#goodUntil(call) > fedMs;
    });
    expect(givers.length, `${event} has an answer that is good: ${outcome.found}`).toBeGreaterThan(0);
  }

  /** No other call for the key was in flight, and there was no good answer, as far as the cache had room. */
  #expectNeeded(call: AskedCall): void {
    const { calls } = this.#service;
    for (const other of calls.slice(0, calls.indexOf(call))) {
      if (other.key !== call.key) continue;
      expect(other.endMs, "one call of a key at a time").toBeLessThanOrEqual(call.startMs);
      if (this.#settings.size < keys.length || !hasAnswer(other)) continue;
      if (other.endMs === call.startMs) continue;
      expect(this.#goodUntil(other), "a good answer is no reason to call").toBeLessThanOrEqual(call.startMs);
    }
  }

  #goodUntil({ endMs, answer }: AskedCall): number {
    return endMs! + (answer === undefined ? this.#settings.negativeTtlMs : this.#settings.ttlMs);
  }
}

function hasAnswer({ outcome, isAborted, endMs }: AskedCall): boolean {
  return endMs !== undefined && !isAborted && (outcome.kind === "found" || outcome.kind === "nothing");
}
