import fc from "fast-check";
import { expect, test } from "vitest";
import type { Directive } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { TakenEvent } from "../letters/event-dead-letter.ts";
import type { OperatorSpec } from "../operator.ts";
import type { EventContext } from "../operators/event-context.ts";
import { filter } from "../operators/filter.ts";
import { map } from "../operators/map.ts";
import { split } from "../operators/split.ts";
import { tap } from "../operators/tap.ts";
import { wrappedLogic } from "../operators/wrapped-logic.ts";
import { outputTo } from "../sources/output-to.ts";
import { TestContext } from "../testing/test-context.ts";
import { eventTime } from "../time/event-time.ts";
import type { Watermark } from "../time/watermark.ts";
import { Chain } from "./chain.ts";
import { OperatorStage } from "./operator-stage.ts";

/** What an operator of the test does with numbers; each sees the time and key of an event, too. */
interface Step {
  readonly kind: "map" | "filter" | "tap" | "time" | "split";
  /** Numbers that it fails at, gives up by itself, or answers with a promise to; of those behind it, too. */
  readonly fails: number;
  readonly givesUp: number;
  readonly promises: number;
  readonly directive: Directive;
}

type Letter = readonly [stage: number, value: unknown, error: unknown, event: Partial<TakenEvent> | undefined];

function specOf({ kind, fails, givesUp, promises }: Step, seen: unknown[], name: string): OperatorSpec {
  if (kind === "time") {
    const outOfOrderness = fails % 3;
    const noTimes = [Number.NaN, -1, new Date(Number.NaN), "noon", undefined, 1e12, Number.POSITIVE_INFINITY];
    const time = (value: number): number => {
      seen.push([name, value]);
      if (value % 100 === fails) throw new Error(`fails at ${value}`);
      if (value % 100 === givesUp) return noTimes[value % noTimes.length] as number;
      if (value % 100 === promises) return Promise.resolve(value) as never;
      return (value % 5 === 0 ? new Date(1_000 + value) : 1_000 + value / 2) as number;
    };
    return eventTime({ time, outOfOrderness });
  }
  const look = (value: number, context: EventContext): unknown => {
    seen.push([context.operator, value, context.time, context.key]);
    if (value % 100 === fails) throw new Error(`fails at ${value}`);
    if (value % 100 === givesUp) context.deadLetter(value, "given up");
    if (value % 100 === promises) return Promise.resolve(value);
    return undefined;
  };
  if (kind === "split") {
    const alone = (value: number): unknown => {
      seen.push([name, value]);
      if (value % 100 === fails) throw new Error(`fails at ${value}`);
      return value % 100 === promises ? Promise.resolve(value) : value % 3 !== 0;
    };
    const asking = (value: number, context: EventContext) => look(value, context) ?? value % 3 !== 0;
    const rules = { main: givesUp % 2 === 0 ? alone : asking, evens: (value: number) => value % 2 === 0 };
    return split(rules, { unmatched: promises % 3 === 0 ? "drop" : "dead-letter" });
  }
  if (kind === "map") return map((value: number, context) => look(value, context) ?? value + 1);
  if (kind === "filter") return filter((value: number, context) => look(value, context) ?? value % 3 !== 0);
  return tap((value: number, context) => look(value, context) as undefined);
}

/** What comes, and among it how far event time has come, where that is further than before. */
function collecting(sent: unknown[]): OperatorSpec {
  let newest = Number.NEGATIVE_INFINITY;
  const onWatermark = ({ time }: Watermark): void => {
    if (time > newest) sent.push({ watermark: time });
    newest = Math.max(newest, time);
  };
  const onBatch = ({ values, times, keys }: Batch, from: number, to: number): void => {
    for (let index = from; index < to; index += 1) sent.push([values[index], times?.[index], keys?.[index]]);
  };
  return { kind: "collecting", outputs: [], create: () => ({ onBatch, onWatermark }) };
}

/** Each operator by itself, as operators are whose batches somebody looks at. */
function alone(spec: OperatorSpec): OperatorSpec {
  return { ...spec, create: () => wrappedLogic(spec.create(), {}) };
}

type Way = "in a run" | "alone" | "each as a source emits it";

async function run(steps: readonly Step[], batches: readonly Batch[], way: Way) {
  const letters: Letter[] = [];
  const seen: unknown[] = [];
  const progress = new Int32Array(1).fill(2 ** 31 - 5);
  const sent: unknown[] = [];
  const stages = [...steps, undefined].map((step, index) => {
    const spec = step === undefined ? collecting(sent) : specOf(step, seen, `${index}`);
    const address = { path: `millrace://test/job/${index}/0`, host: 0 };
    const chainedOutput = index < steps.length ? 0 : undefined;
    const decide = () => step?.directive ?? "escalate";
    return new OperatorStage(
      {
        name: `${index}`,
        address,
        spec: way === "alone" ? alone(spec) : spec,
        chainedOutput,
        replay: undefined,
        decide,
      },
      progress,
      (value, error, event) => void letters.push([index, value, String(error), event && withoutIndex(event)]),
    );
  });
  const contextOf = (stage: OperatorStage) =>
    Object.assign(new TestContext({ operator: stage.spec.name }), {
      deadLetter: (value: unknown, error: unknown) => stage.giveUp(value, error),
      readingMs: () => 0,
    });
  for (const stage of stages) await stage.open(contextOf(stage));
  const refuse = () => undefined;
  const chain = new Chain(stages, [], { refuseAtSource: refuse, refuseLetter: refuse });
  const failures: string[] = [];
  /** Goes on behind a failure as a cell does; false where there was none. */
  const hasFailed = async (work: () => void): Promise<boolean> => {
    try {
      work();
      return false;
    } catch (error) {
      failures.push((error as Error).message);
      for (const stage of stages) await stage.startOver(contextOf(stage));
      return true;
    }
  };
  const goOnBehind = async (work: () => void) => {
    if (!(await hasFailed(work))) return;
    while (await hasFailed(() => chain.goOn({ isOver: () => false })));
  };
  const take = (batch: Batch) => goOnBehind(() => chain.take(batch, 0, batch.values.length));
  /** What comes with a time, or behind an event that has failed, is taken as a batch. */
  const pass = async ({ values, times }: Batch) => {
    const left: unknown[] = [];
    const passer = chain.sourcePasser();
    const output = passer?.startPassing(
      values.length,
      outputTo((value) => void left.push(value)),
    );
    if (output === undefined) return take({ values, times, keys: undefined });
    if (values.length > 10) output.emitAll(values, times);
    else for (const [index, value] of values.entries()) output.emit(value, times?.[index]);
    await goOnBehind(() => passer?.endPassing());
    await take({ values: left, times: times?.slice(values.length - left.length), keys: undefined });
  };
  const watermarks: number[][] = [];
  for (const batch of batches) {
    if (way === "each as a source emits it" && batch.keys === undefined) await pass(batch);
    else await take(batch);
    watermarks.push(stages.map(({ watermark }) => watermark.time));
  }
  const bySender = (index: number) => letters.filter(([stage]) => stage === index);
  const seenBy = (index: number) => seen.filter((each) => (each as unknown[])[0] === `${index}`);
  const failed = letters.filter((letter) => !isGivenUp(letter)).length;
  const isCalm = failed === 0 && failures.length === 0;
  const timed = steps.filter(({ kind }) => kind === "time").length;
  return {
    sent: sent.filter((each) => Array.isArray(each)),
    // A batch that an event has failed in goes on in two, and how far event time has come is told between them.
    inBetween: isCalm ? sent : undefined,
    watermarks: isCalm || (failed === 1 && timed < 2) ? watermarks : undefined,
    letters: steps.map((_, index) => bySender(index)),
    seen: steps.map((_, index) => seenBy(index)),
    counters: stages.map(({ counters }) => counters),
    failures: failures.toSorted(),
    told: progress[0] !== 2 ** 31 - 5,
  };
}

/** By the function of its author's, or for its time. */
function isGivenUp([, , error]: Letter): boolean {
  return error === "given up" || /has the event time|no output accepts/.test(`${error}`);
}

function withoutIndex({ batchIndex: _, ...event }: TakenEvent): Partial<TakenEvent> {
  return event;
}

function stepOf(...kinds: readonly Step["kind"][]): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    fails: fc.integer({ min: 0, max: 30 }),
    givesUp: fc.integer({ min: 0, max: 30 }),
    promises: fc.integer({ min: 0, max: 30 }),
    directive: fc.constantFrom("resume" as const, "resume" as const, "restart" as const),
  });
}

const steps = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(stepOf("map", "filter", "tap", "time", "split")) },
      { weight: 1, arbitrary: fc.tuple(stepOf("time"), stepOf("split")) },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts): Step[] => parts.flat());

const batches = fc.array(
  fc.record({
    values: fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 20 }),
    timed: fc.constantFrom(true, true, true, false),
    keyed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

test("operators in a run do to each event what each does by itself", async () => {
  await fc.assert(
    fc.asyncProperty(steps, batches, async (drawn, made) => {
      const given = made.map(({ values, timed, keyed }): Batch => {
        const times = timed ? values.map((_, index) => 1_000 + index) : undefined;
        return { values, times, keys: keyed ? values.map((value) => `k${value}`) : undefined };
      });
      const expected = await run(drawn, given, "alone");
      expect(await run(drawn, given, "in a run")).toEqual(expected);
      expect(await run(drawn, given, "each as a source emits it")).toEqual(expected);
    }),
    { seed: 1, numRuns: 1_500 },
  );
});

test("what an operator in a run is given by a batch of its own, as a dead letter is, does not go through those before it", async () => {
  const step: Step = { kind: "map", fails: -1, givesUp: -1, promises: -1, directive: "resume" };
  const sent: unknown[] = [];
  const stages = [specOf(step, [], "0"), specOf(step, [], "1"), collecting(sent)].map((spec, index) => {
    const address = { path: `millrace://test/job/${index}/0`, host: 0 };
    const chainedOutput = index < 2 ? 0 : undefined;
    const policy = { replay: undefined, decide: () => "resume" as const };
    return new OperatorStage(
      { name: `${index}`, address, spec, chainedOutput, ...policy },
      new Int32Array(1),
      () => undefined,
    );
  });
  for (const stage of stages) await stage.open(new TestContext());
  const chain = new Chain(stages, [], { refuseAtSource: () => undefined, refuseLetter: () => undefined });

  chain.takeAt(1, { values: [7], times: undefined, keys: undefined });

  expect(sent).toEqual([[8, undefined, undefined]]);
  expect(stages.map(({ counters }) => counters.in)).toEqual([0, 1, 1]);
});

test.each(["in a run" as const, "alone" as const])(
  "what is behind a time and a split is told before the first event that an idle stream goes on: %s",
  async (way) => {
    const seen: unknown[] = [];
    const watching: OperatorSpec = {
      kind: "watching",
      outputs: [],
      create: () => ({
        onBatch: ({ values }, from, to) => void seen.push(...values.slice(from, to)),
        onWatermark: ({ isIdle }) => void seen.push(isIdle ? "idle" : "active"),
      }),
    };
    const specs = [eventTime({ time: (value: number) => value, idleAfter: 10 }), split({ all: () => true }), watching];
    const stages = specs.map((spec, index) => {
      const address = { path: `millrace://test/job/${index}/0`, host: 0 };
      const given = { name: `${index}`, address, chainedOutput: index < 2 ? 0 : undefined, replay: undefined };
      const made = way === "alone" ? alone(spec) : spec;
      return new OperatorStage({ ...given, spec: made, decide: () => "escalate" }, new Int32Array(1), () => undefined);
    });
    let nowMs = 0;
    for (const stage of stages) await stage.open(Object.assign(new TestContext(), { readingMs: () => nowMs }));
    const refuse = () => undefined;
    const chain = new Chain(stages, [], { refuseAtSource: refuse, refuseLetter: refuse });
    const take = (...values: number[]) => chain.take({ values, times: undefined, keys: undefined }, 0, values.length);

    take(1, 2);
    nowMs = 20;
    stages[0]!.logic.onWake!(stages[0]!.output);
    chain.handOn(0);
    take(3, 4);

    expect(seen).toEqual([1, 2, "active", "idle", "active", 3, 4, "active"]);
  },
);
