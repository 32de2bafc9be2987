/**
 * Rules that change while events come, against what the documents say of them: each event, and each timer, meets the rules that its
 * instance has been given, all instances are given the same ones in one order, each in its own time; and operators are made again from a
 * snapshot, with another parallelism too, or lose what has come since the last one.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { instanceOfKey } from "../groupings/key-hash.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { Timer } from "../time/timer-table.ts";
import { type BroadcastOperator, broadcast } from "./broadcast.ts";
import { NaiveRules, type RuleStep } from "./fixtures/naive-rules.ts";
import { rulesInOrder } from "./rules-in-order.ts";

interface Event {
  readonly key: string;
  readonly name: string;
  readonly timer: number;
}

type Input =
  | { readonly kind: "events"; readonly keys: readonly string[]; readonly waits: number }
  | { readonly kind: "watermark"; readonly by: number; readonly isIdle: boolean };
type Step =
  | Input
  | { readonly kind: "rules"; readonly rules: readonly RuleStep[] }
  | { readonly kind: "give"; readonly instance: number; readonly count: number }
  | { readonly kind: "restart"; readonly parallelism: number }
  /** What has come since the last snapshot comes again, behind so many of the rules that came since. */
  | { readonly kind: "crash"; readonly rulesFirst: number };

// Of different instances, also where there are only two.
const eventKeys = ["a", "d", "e", "k"];
const rule = fc.record({
  what: fc.constantFrom(
    "set" as const,
    "set" as const,
    "set" as const,
    "delete" as const,
    "clear" as const,
    "fail" as const,
  ),
  key: fc.constantFrom("u", "v", "w", "x"),
  text: fc.constant(""),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("events" as const),
        keys: fc.array(fc.constantFrom(...eventKeys), { minLength: 1, maxLength: 4 }),
        waits: fc.integer({ min: 1, max: 5 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("watermark" as const),
        by: fc.integer({ min: 0, max: 4 }),
        isIdle: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("rules" as const),
        rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("give" as const),
        instance: fc.nat(3),
        count: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("restart" as const), parallelism: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), rulesFirst: fc.nat(3) }) },
  ),
  { maxLength: 40, size: "max" },
);

test("each event and each timer meets the rules that its instance has been given, on any number of instances, over restarts", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (drawn: readonly Step[]) => {
      const trial = new Trial();
      await trial.open(1);
      for (const step of drawn) {
        if (step.kind === "rules") await trial.rules(step.rules);
        else if (step.kind === "give") trial.give(step.instance, step.count);
        else if (step.kind === "restart") await trial.restart(step.parallelism);
        else if (step.kind === "crash") await trial.crash(step.rulesFirst);
        else trial.input(step);
      }
      await trial.restart(2);
      trial.input({ kind: "events", keys: eventKeys, waits: 1 });
      trial.input({ kind: "watermark", by: 100, isIdle: false });
    }),
    { seed: 2, numRuns: 150 },
  );
});

/** Tells the rules that each event meets, and each timer. */
function teller(): BroadcastOperator<Event, RuleStep, string> {
  return {
    onRule(rule, rules) {
      if (rule.what === "clear") rules.clear();
      else if (rule.what === "delete") rules.delete(rule.key);
      else rules.set(rule.key, rule);
      if (rule.what === "fail") throw new RangeError(rule.text);
    },
    onEvent({ name, timer }, context, rules) {
      const count = context.state.value<number>("count", { initial: () => 0 });
      count.set(count.get() + 1);
      context.timers.setEventTime(timer);
      context.emit(`${name} is number ${count.get()}: ${shown(rules)}`);
    },
    onTimer({ time }: Timer, context: ProcessContext<string>, rules) {
      context.emit(`${context.key} at ${time}: ${shown(rules)}`, time);
    },
  };
}

function shown(rules: ReadonlyMap<unknown, RuleStep>): string {
  return [...rules.values()].map(({ text }) => text).join(" ");
}

type Harness = OperatorHarness<Event | RuleStep, string>;

/** The instances of the operator, each beside what is expected of it. */
class Trial {
  readonly #naive = new NaiveRules();
  #saved = this.#naive.progress;
  /** What has come since the last snapshot. */
  #inputs: Input[] = [];
  #harnesses: Harness[] = [];
  /** Of each instance, oldest first. */
  #deltas: Uint8Array[][] = [];
  #epoch = 0;
  #count = 0;

  async open(parallelism: number): Promise<void> {
    this.#deltas = Array.from({ length: parallelism }, () => []);
    this.#naive.restore(this.#saved, parallelism);
    await this.#start();
  }

  /** Rules come from elsewhere, and are put in one order for all. */
  async rules(rules: readonly RuleStep[]): Promise<void> {
    const named = rules.map((rule, index) => ({ ...rule, text: `${rule.key}${this.#naive.all.length + index}` }));
    const order = await OperatorHarness.open<RuleStep, RuleStep>(rulesInOrder());
    order.feedValues(named);
    this.#naive.all.push(...order.values());
    expect(this.#naive.all.slice(-named.length)).toEqual(named);
  }

  give(instance: number, count: number): void {
    const harness = this.#harnesses[instance];
    if (harness === undefined) return;
    const rules = this.#naive.give(instance, count);
    const failed = harness.deadLetters.length;
    if (rules.length > 0)
      harness.feed(
        rules.map((value) => ({ value })),
        1,
      );
    const dead = harness.deadLetters.slice(failed).map(({ value }) => value);
    expect(dead).toEqual(rules.filter(({ what }) => what === "fail"));
  }

  input(input: Input): void {
    this.#inputs.push(input);
    const before = this.#harnesses.map((harness) => harness.values().length);
    const expected = input.kind === "events" ? this.#events(input.keys, input.waits) : this.#watermark(input);
    const results = this.#harnesses.flatMap((harness, index) => harness.values().slice(before[index]));
    expect(results.toSorted()).toEqual(expected.toSorted());
  }

  /** At a barrier all instances have been given all rules. */
  async restart(parallelism: number): Promise<void> {
    for (const [instance, harness] of this.#harnesses.entries()) {
      this.give(instance, this.#naive.all.length);
      this.#epoch += 1;
      this.#deltas[instance]!.push(encodeDelta("rules", await harness.barrier(this.#epoch)));
    }
    this.#saved = this.#naive.progress;
    this.#inputs = [];
    if (parallelism !== this.#harnesses.length) this.#move(parallelism);
    this.#naive.restore(this.#saved, parallelism);
    await this.#start();
  }

  async crash(rulesFirst: number): Promise<void> {
    const inputs = this.#inputs;
    this.#inputs = [];
    this.#naive.restore(this.#saved, this.#harnesses.length);
    await this.#start();
    for (const instance of this.#harnesses.keys()) this.give(instance, rulesFirst * instance);
    for (const input of inputs) this.input(input);
  }

  #events(keys: readonly string[], waits: number): readonly string[] {
    const timer = this.#naive.watermark + waits;
    const events = keys.map((key): Event => {
      this.#count += 1;
      return { key, name: `${key}${this.#count}`, timer };
    });
    return [...this.#harnesses.entries()].flatMap(([instance, harness]) => {
      const own = events.filter(({ key }) => this.#instanceOf(key) === instance);
      if (own.length > 0) harness.feed(own.map((value) => ({ value, key: value.key, time: timer })));
      return own.map(({ name, key }) => this.#naive.event(name, key, instance, timer));
    });
  }

  #watermark({ by, isIdle }: Extract<Input, { readonly kind: "watermark" }>): readonly string[] {
    const watermark = this.#naive.watermark + by;
    for (const harness of this.#harnesses) harness.watermark(watermark, isIdle);
    return this.#naive.advance(watermark, (key) => this.#instanceOf(key));
  }

  #instanceOf(key: string): number {
    return instanceOfKey(key, this.#harnesses.length);
  }

  /** State goes to the owner of its key, and what all have comes from the first. */
  #move(parallelism: number): void {
    const parts = Array.from({ length: parallelism }, (): StateEntry[] => []);
    for (const [instance, deltas] of this.#deltas.entries()) {
      for (const entry of mergedEntries(deltas)) {
        const [, key, , , form] = entry;
        if (form?.owner !== "all") parts[instanceOfKey(key, parallelism)]!.push(entry);
        else if (instance === 0) for (const part of parts) part.push(entry);
      }
    }
    this.#deltas = parts.map((part) => [encodeDelta("rules", part)]);
  }

  async #start(): Promise<void> {
    const parallelism = this.#deltas.length;
    this.#harnesses = await Promise.all(
      this.#deltas.map((deltas, instance) => {
        const restore = { entries: mergedEntries(deltas), epoch: this.#epoch };
        const options = { guarantee: "exactly-once" as const, instance, parallelism, restore };
        return OperatorHarness.open<Event | RuleStep, string>(broadcast(teller, true), options);
      }),
    );
    for (const harness of this.#harnesses) {
      harness.watermark(this.#naive.watermark);
      expect(harness.values()).toEqual([]);
    }
  }
}
