import { describe, expect, test } from "vitest";
import type { StateEntry } from "../epochs/state-delta.ts";
import { type HarnessEvent, OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import { is, type ScriptEvent, scriptEvents } from "./fixtures/match-script.ts";
import type { Match, TimedOut } from "./key-matches.ts";
import { type MatchOptions, match } from "./match.ts";
import { pattern } from "./pattern.ts";

const aThenB = () => pattern<ScriptEvent>().begin("a", is("a")).followedBy("b", is("b"));
type Captured = Readonly<Record<string, readonly ScriptEvent[]>>;

const open = (definition: unknown, options: MatchOptions = {}, harness: OperatorHarnessOptions = {}) =>
  OperatorHarness.open<ScriptEvent, string>(match(definition, toText, options), {
    guarantee: "exactly-once",
    ...harness,
  });
type Harness = Awaited<ReturnType<typeof open>>;

const toText = ({ key, captured }: Match<Captured>) => `${String(key)}: ${namesOf(captured)}`;

function namesOf(captured: Captured): string {
  return Object.values(captured)
    .flat()
    .map(({ name }) => name)
    .join(" ");
}

function feed(harness: Harness, script: string, key = "k"): void {
  harness.feed(eventsOf(script, key));
}

function eventsOf(script: string, key: string): HarnessEvent<ScriptEvent>[] {
  return scriptEvents(script).map((value) => ({ value, time: value.time, key }));
}

function timedOut(harness: Harness): string[] {
  return (harness.results().timedOut ?? []).map(({ value, time }) => {
    const { key, captured, start, end } = value as TimedOut<Captured>;
    return `${String(key)}: ${namesOf(captured)} ${start}-${end} at ${time}`;
  });
}

/** @param stored what was stored before, by name and key */
async function restored(
  harness: Harness,
  definition: unknown,
  options: MatchOptions = {},
  stored = new Map<string, StateEntry>(),
): Promise<Harness> {
  for (const entry of await harness.barrier(1)) stored.set(`${entry[0]} ${String(entry[1])}`, entry);
  const entries = [...stored.values()];
  const again = await open(definition, options, { restore: { entries, epoch: 1 }, clock: harness.clock });
  again.context.watermarkTime = harness.context.watermarkTime;
  return again;
}

describe("in event time", () => {
  test("events of a key are matched in the order of their times once the watermark has come to them", async () => {
    const harness = await open(aThenB().afterMatch("noSkip"));
    feed(harness, "b1@20 a1@10 b2@30 a2@25");

    harness.watermark(19);
    expect(harness.values()).toEqual([]);
    harness.watermark(20);
    expect(harness.values()).toEqual(["k: a1 b1"]);
    harness.watermark(100);

    expect(harness.results().main).toEqual([
      { value: "k: a1 b1", time: 20 },
      { value: "k: a2 b2", time: 30 },
    ]);
  });

  test("what is behind the events that its key has captured is late, also where event time has not come to them again", async () => {
    const harness = await open(aThenB().within("1s"));
    feed(harness, "a1@10 a2@20");
    harness.watermark(20);
    harness.context.watermarkTime = 5;

    feed(harness, "a3@15 b1@30");
    harness.watermark(30);

    expect(harness.results().late?.map(({ value }) => (value as ScriptEvent).name)).toEqual(["a3"]);
    expect(harness.values()).toEqual(["k: a1 b1"]);
  });

  test("events of the same time are matched in the order in which they came", async () => {
    const harness = await open(aThenB());
    feed(harness, "a1@10 b1@10 x1@5");

    harness.watermark(10);

    expect(harness.values()).toEqual(["k: a1 b1"]);
  });

  test("an event at or behind the watermark is late, and matched no more", async () => {
    const harness = await open(aThenB());
    harness.watermark(10);
    feed(harness, "a1@10 a2@11 b1@12");

    harness.watermark(12);

    expect(harness.results().late?.map(({ value }) => (value as ScriptEvent).name)).toEqual(["a1"]);
    expect(harness.values()).toEqual(["k: a2 b1"]);
  });

  test("keys are matched by themselves", async () => {
    const harness = await open(aThenB());
    feed(harness, "a1@1", "x");
    feed(harness, "b1@2", "y");
    feed(harness, "b2@3", "x");

    harness.watermark(10);

    expect(harness.values()).toEqual(["x: a1 b2"]);
  });

  test("what runs out is told at the watermark of its last moment, with that as its time", async () => {
    const harness = await open(aThenB().within(10));
    feed(harness, "a1@5");

    harness.watermark(13);
    expect(timedOut(harness)).toEqual([]);
    harness.watermark(14);

    expect(timedOut(harness)).toEqual(["k: a1 5-14 at 14"]);
  });

  test("a result that takes time to know has an event time behind the watermark before", async () => {
    const harness = await open(pattern<ScriptEvent>().begin("a", is("a")).notFollowedBy("b", is("b")).within(10));
    feed(harness, "a1@5");
    harness.watermark(13);

    harness.watermark(50);

    expect(harness.results().main).toEqual([{ value: "k: a1", time: 14 }]);
  });

  test("at the end of the input everything is decided", async () => {
    const harness = await open(aThenB().within(10));
    feed(harness, "a1@5 a2@20 b1@21");
    feed(harness, "a3@20", "other");

    const { results } = await harness.end();

    expect(results.main?.map(({ value }) => value)).toEqual(["k: a2 b1"]);
    expect(timedOut(harness).toSorted()).toEqual(["k: a1 5-14 at 14", "other: a3 20-29 at 29"]);
  });

  test("matches that wait for others come out at the end of the input, behind the last watermark", async () => {
    const p = pattern<ScriptEvent>()
      .begin("first", (event) => /^[ac]\d$/.test(event.name))
      .followedBy("second", (event, { first }) => event.name === `${first[0]!.name}-end`);
    const harness = await open(p);
    feed(harness, "a1@0 c1@1 c1-end@2");
    harness.watermark(40);
    expect(harness.values()).toEqual([]);

    await harness.end();

    expect(harness.results().main).toEqual([{ value: "k: c1 c1-end", time: 41 }]);
  });

  test("an event without event time fails with a code that says what to do", async () => {
    const harness = await open(aThenB());
    harness.feed([{ value: { name: "a1", time: 1 }, key: "k" }]);

    expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_EVENT_TIME" } }]);
  });
});

describe("state", () => {
  test("it makes no difference where it is restored", async () => {
    const p = aThenB().within(10).afterMatch("noSkip");
    const script = eventsOf("b9@9 a1@3 a2@4 x@6 b1@12 b2@14 a3@30 a4@22 b3@35", "k");
    const watermarks = [2, 5, 8, 11, 13, 20, 25, 33, 34];
    const plain = await open(p);
    for (const [index, event] of script.entries()) {
      plain.feed([event]);
      plain.watermark(watermarks[index]!);
    }
    await plain.end();

    const stored = new Map<string, StateEntry>();
    let harness = await open(p);
    const main: unknown[] = [];
    const ranOut: unknown[] = [];
    const collect = () => {
      main.push(...(harness.results().main ?? []));
      ranOut.push(...timedOut(harness));
    };
    for (const [index, event] of script.entries()) {
      harness.feed([event]);
      collect();
      harness = await restored(harness, p, {}, stored);
      harness.watermark(watermarks[index]!);
      collect();
      harness = await restored(harness, p, {}, stored);
    }
    await harness.end();
    collect();

    expect(main).toEqual(plain.results().main);
    expect(ranOut).toEqual(timedOut(plain));
    expect(main.length).toBeGreaterThan(1);
  });

  test("a key of which nothing is to be remembered has no state", async () => {
    const harness = await open(aThenB());
    feed(harness, "a1@1 b1@2 x1@3", "k");
    feed(harness, "x2@3", "other");
    harness.watermark(5);

    const entries = await harness.barrier(1);

    expect(entries.filter(([, , present]) => present)).toEqual([]);
  });

  test("the state of a key is removed with its last partial match", async () => {
    const harness = await open(aThenB());
    feed(harness, "a1@1");
    harness.watermark(1);
    await harness.barrier(1);
    feed(harness, "b1@2");
    harness.watermark(2);

    const entries = await harness.barrier(2);

    const ofMatches = entries.filter(([name]) => name === "matches");
    expect(ofMatches.map(([, key, present]) => [key, present])).toEqual([["k", false]]);
  });

  test("what has not changed is not stored again", async () => {
    const harness = await open(aThenB());
    feed(harness, "a1@1");
    harness.watermark(1);
    expect((await harness.barrier(1)).map(([name]) => name)).toContain("matches");
    feed(harness, "x1@2");
    harness.watermark(2);

    const entries = await harness.barrier(2);

    expect(entries.map(([name]) => name)).not.toContain("matches");
  });

  test("state of a pattern with other stages is refused", async () => {
    const harness = await open(aThenB());
    feed(harness, "a1@1");
    harness.watermark(1);

    const again = await restored(harness, aThenB().oneOrMore());

    expect(() => feed(again, "b1@2")).not.toThrow();
    expect(again.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_PATTERN" } }]);
  });

  test("other predicates and another bound go on with the same state", async () => {
    const harness = await open(aThenB().within(100));
    feed(harness, "a1@1");
    harness.watermark(1);

    const again = await restored(harness, pattern<ScriptEvent>().begin("a", is("z")).followedBy("b", is("c")));
    feed(again, "c1@2");
    again.watermark(2);

    expect(again.values()).toEqual(["k: a1 c1"]);
  });
});

describe("limits", () => {
  const code = "ERR_ACT_PATTERN_LIMIT";

  test("an event that would make too many partial matches is given up, and counts as not come", async () => {
    const p = pattern<ScriptEvent>().begin("a", is("a")).followedByAny("b", is("b")).followedBy("c", is("c"));
    const harness = await open(p.afterMatch("noSkip"), { partialMatchesMax: 3 });
    feed(harness, "a1 b1 b2 b3 x1 c1");

    harness.watermark(10);

    expect(harness.deadLetters).toMatchObject([{ value: { name: "b3" }, error: { code } }]);
    expect(harness.values()).toEqual(["k: a1 b1 c1", "k: a1 b2 c1"]);
  });

  test("so is one that would be captured too often", async () => {
    const p = pattern<ScriptEvent>().begin("a", is("a")).oneOrMore().greedy().followedBy("b", is("b"));
    const harness = await open(p, { capturesMax: 4 });
    feed(harness, "a1 a2 a3 b1");

    harness.watermark(10);

    expect(harness.deadLetters).toMatchObject([{ value: { name: "a3" }, error: { code } }]);
    expect(harness.values()).toEqual(["k: a1 a2 b1"]);
  });

  test("and one that would wait with too many", async () => {
    const harness = await open(aThenB(), { waitingMax: 2 });
    feed(harness, "a1 b1 b2");

    expect(harness.deadLetters).toMatchObject([{ value: { name: "b2" }, error: { code } }]);
    harness.watermark(2);
    feed(harness, "a2@5 b3@6");
    harness.watermark(10);
    expect(harness.values()).toEqual(["k: a1 b1", "k: a2 b3"]);
  });

  test("captures of partial matches that have ended do not count", async () => {
    const harness = await open(aThenB(), { capturesMax: 200 });
    for (let round = 0; round < 500; round += 1) feed(harness, `a${round}@${3 * round} x@${3 * round + 1}`);
    feed(harness, "b1@5000");
    harness.watermark(10_000);

    // Every `a` is captured: the last ones are beyond the limit.
    expect(harness.deadLetters).toHaveLength(300);
    const rounds = await open(aThenB(), { capturesMax: 200 });
    for (let round = 0; round < 500; round += 1) feed(rounds, `a${round}@${3 * round} b@${3 * round + 1}`);
    rounds.watermark(10_000);
    expect(rounds.deadLetters).toEqual([]);
    expect(rounds.values()).toHaveLength(500);
  });
});

describe("failures", () => {
  test("an event that a predicate fails at is given up by itself", async () => {
    const p = aThenB();
    const failing = pattern<ScriptEvent>()
      .begin("a", is("a"))
      .followedBy("b", ({ name }) => {
        if (name === "bad") throw new Error("no b");
        return name.startsWith("b");
      });
    const harness = await open(failing);
    feed(harness, "a1 bad b1");
    harness.watermark(10);

    expect(harness.deadLetters).toMatchObject([{ value: { name: "bad" }, error: { message: "no b" } }]);
    expect(harness.values()).toEqual(["k: a1 b1"]);
    expect(p).toBeDefined();
  });

  test("a match that select fails at is given up by itself", async () => {
    const select = ({ captured }: Match<Captured>) => {
      if (namesOf(captured) === "a1 b1") throw new Error("no result");
      return namesOf(captured);
    };
    const harness = await OperatorHarness.open<ScriptEvent, string>(match(aThenB(), select));
    feed(harness as Harness, "a1 b1 a2 b2");
    harness.watermark(10);

    expect(harness.deadLetters).toMatchObject([{ value: { key: "k", time: 2 }, error: { message: "no result" } }]);
    expect(harness.values()).toEqual(["a2 b2"]);
  });

  test("a promise of a predicate or of select is refused", async () => {
    const p = aThenB().next("c", () => Promise.resolve(true) as unknown as boolean);
    const harness = await open(p);
    feed(harness, "a1 b1 c1");
    harness.watermark(10);

    expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_ASYNC_FUNCTION" } }]);
  });
});

describe("in processing time", () => {
  const processing = { time: "processing" } as const;

  test("events are matched as they come, without event time", async () => {
    const harness = await open(aThenB(), processing);
    harness.feed(["b0", "a1", "b1"].map((name) => ({ value: { name, time: 0 }, key: "k" })));

    expect(harness.results().main).toEqual([{ value: "k: a1 b1", time: undefined }]);
  });

  test("within is measured on the wall clock, also over a restart", async () => {
    const p = aThenB().within("10s");
    let harness = await open(p, processing);
    const event = (name: string) => [{ value: { name, time: 0 }, key: "k" }];
    harness.feed(event("a1"));
    await harness.advance(9_999);
    harness.feed(event("b1"));
    expect(harness.values()).toEqual(["k: a1 b1"]);
    harness.feed(event("a2"));
    await harness.advance(5_000);
    harness = await restored(harness, p, processing);
    await harness.advance(4_999);
    expect(timedOut(harness)).toEqual([]);

    await harness.advance(1);

    expect(timedOut(harness)).toHaveLength(1);
    harness.feed(event("b2"));
    expect(harness.values()).toEqual([]);
  });

  test("results in a stream with event times have one, too", async () => {
    const harness = await open(aThenB().within("10s"), processing);
    feed(harness, "a1@100 b1@90 a2@95");
    harness.watermark(120);
    await harness.advance(10_000);

    expect(harness.results().main).toEqual([{ value: "k: a1 b1", time: 90 }]);
    expect(harness.results().timedOut?.map(({ time }) => time)).toEqual([121]);
  });

  test("matches that wait for others come out at the end of the input", async () => {
    const p = pattern<ScriptEvent>()
      .begin("first", (event) => /^[ac]\d$/.test(event.name))
      .followedBy("second", (event, { first }) => event.name === `${first[0]!.name}-end`);
    const harness = await open(p, processing);
    harness.feed(["a1", "c1", "c1-end"].map((name) => ({ value: { name, time: 0 }, key: "k" })));
    expect(harness.values()).toEqual([]);

    await harness.end();

    expect(harness.values()).toEqual(["k: c1 c1-end"]);
  });
});

describe("options", () => {
  test.each([[{ time: "sorted" }], [{ partialMatchesMax: 0 }], [{ capturesMax: 1.5 }], [{ waitingMax: 10_000_000 }]])(
    "%j is refused",
    (options) => {
      expect(() => match(aThenB(), undefined, options as MatchOptions)).toThrow(
        expect.objectContaining({ code: "ERR_RT_OPTION" }),
      );
    },
  );

  test("select has to be a plain function", () => {
    expect(() => match(aThenB(), (async () => 1) as never)).toThrow(
      expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }),
    );
  });
});
