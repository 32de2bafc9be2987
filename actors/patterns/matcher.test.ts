import { describe, expect, test } from "vitest";
import { is, matchScript, type ScriptEvent } from "./fixtures/match-script.ts";
import { newProgress } from "./match-progress.ts";
import { Matcher } from "./matcher.ts";
import { definitionOf, pattern } from "./pattern.ts";

const begin = () => pattern<ScriptEvent>().begin("a", is("a"));

describe("contiguity", () => {
  test("next takes the very next event, or nothing", () => {
    const p = begin().next("b", is("b")).afterMatch("noSkip");

    expect(matchScript(p, "a1 c1 a2 b2 b3").matches).toEqual(["a2 b2"]);
  });

  test("followedBy skips what it does not take, and takes what it can", () => {
    const p = begin().followedBy("b", is("b")).afterMatch("noSkip");

    expect(matchScript(p, "a1 c1 b1 b2").matches).toEqual(["a1 b1"]);
  });

  test("followedByAny skips what it could take, too", () => {
    const p = begin().followedByAny("b", is("b")).afterMatch("noSkip");

    expect(matchScript(p, "a1 c1 b1 b2").matches).toEqual(["a1 b1", "a1 b2"]);
  });

  test("one event is taken by one stage only", () => {
    const p = begin().followedBy("again", is("a")).afterMatch("noSkip");

    expect(matchScript(p, "a1 a2").matches).toEqual(["a1 a2"]);
  });
});

describe("quantifiers", () => {
  test("between the events of a stage others are skipped, by default", () => {
    const p = begin().followedBy("b", is("b")).oneOrMore().followedBy("c", is("c")).afterMatch("noSkip");

    expect(matchScript(p, "a1 b1 x1 b2 c1").matches).toEqual(["a1 b1 b2 c1", "a1 b1 c1"]);
  });

  test("with consecutive, none is", () => {
    const p = begin().followedBy("b", is("b")).oneOrMore().consecutive().followedBy("c", is("c")).afterMatch("noSkip");

    expect(matchScript(p, "a1 b1 x1 b2 c1").matches).toEqual(["a1 b1 c1"]);
  });

  test("with allowCombinations, any of them may be left out but the first", () => {
    const p = begin().followedBy("b", is("b")).oneOrMore().allowCombinations().followedBy("c", is("c"));

    expect(matchScript(p.afterMatch("noSkip"), "a1 b1 b2 b3 c1").matches.toSorted()).toEqual([
      "a1 b1 b2 b3 c1",
      "a1 b1 b2 c1",
      "a1 b1 b3 c1",
      "a1 b1 c1",
    ]);
  });

  test("times(n) takes n events, times(min, max) as many as there may be", () => {
    const twice = begin().next("b", is("b")).times(2).afterMatch("noSkip");
    const upToThree = begin().next("b", is("b")).times(1, 3).afterMatch("noSkip");

    expect(matchScript(twice, "a1 b1 b2 b3").matches).toEqual(["a1 b1 b2"]);
    expect(matchScript(upToThree, "a1 b1 b2 b3 b4").matches).toEqual(["a1 b1", "a1 b1 b2", "a1 b1 b2 b3"]);
  });

  test("timesOrMore(n) takes at least n", () => {
    const p = begin().next("b", is("b")).timesOrMore(2).afterMatch("noSkip");

    expect(matchScript(p, "a1 b1 b2 b3").matches).toEqual(["a1 b1 b2", "a1 b1 b2 b3"]);
  });

  test("an optional stage may be left out, by optional or by times(0, max)", () => {
    const single = begin().followedBy("b", is("b")).optional().followedBy("c", is("c")).afterMatch("noSkip");
    const upToTwo = begin().followedBy("b", is("b")).times(0, 2).followedBy("c", is("c")).afterMatch("noSkip");

    expect(matchScript(single, "a1 b1 c1").matches.toSorted()).toEqual(["a1 b1 c1", "a1 c1"]);
    expect(matchScript(upToTwo, "a1 b1 b2 c1").matches.toSorted()).toEqual(["a1 b1 b2 c1", "a1 b1 c1", "a1 c1"]);
  });

  test("a pattern may begin with an optional stage", () => {
    const p = begin().optional().next("b", is("b")).afterMatch("noSkip");

    expect(matchScript(p, "a1 b1").matches.toSorted()).toEqual(["a1 b1", "b1"]);
  });

  test("a greedy stage leaves no event that it could take to what stands behind it", () => {
    const lazy = begin().followedBy("b", is("b")).oneOrMore().optional().followedBy("c", is("c"));
    const greedy = begin().followedBy("b", is("b")).oneOrMore().greedy().optional().followedBy("c", is("c"));

    expect(matchScript(lazy.afterMatch("noSkip"), "a1 b1 x1 b2 c1").matches).toHaveLength(3);
    expect(matchScript(greedy.afterMatch("noSkip"), "a1 b1 x1 b2 c1").matches).toEqual(["a1 b1 b2 c1"]);
  });

  test("a greedy stage that shares its events with the next one starves it, but for an event that ends it by until", () => {
    const starving = begin().next("n", is("n")).oneOrMore().greedy().next("last", is("n")).afterMatch("noSkip");
    const ended = begin().next("n", is("n")).oneOrMore().until(is("n9")).greedy().next("last", is("n"));

    expect(matchScript(starving, "a1 n1 n2").matches).toEqual([]);
    expect(matchScript(ended.afterMatch("noSkip"), "a1 n1 n2 n9").matches).toEqual(["a1 n1 n2 n9"]);
  });

  test("a loop takes nothing from the event on that its until holds for", () => {
    const p = begin().followedBy("b", is("b")).oneOrMore().until(is("stop")).afterMatch("noSkip");

    expect(matchScript(p, "a1 b1 b2 stop b3").matches).toEqual(["a1 b1", "a1 b1 b2"]);
  });
});

describe("negatives", () => {
  test("notNext refuses the very next event only", () => {
    const p = begin().notNext("no", is("b")).followedBy("c", is("c")).afterMatch("noSkip");

    expect(matchScript(p, "a1 b1 c1").matches).toEqual([]);
    expect(matchScript(p, "a1 x1 b1 c1").matches).toEqual(["a1 c1"]);
  });

  test("notNext at the end waits for one more event, at whose time the match is known", () => {
    const p = begin().followedBy("c", is("c")).notNext("no", is("b")).afterMatch("noSkip");

    expect(matchScript(p, "a1 c1 b1").matches).toEqual([]);
    expect(matchScript(p, "a1 c1").matches).toEqual([]);
    expect(matchScript(p, "a1 c1 x1@9")).toMatchObject({ matches: ["a1 c1"], times: [9] });
  });

  test("notNext behind a loop refuses its event behind any event of the loop", () => {
    const p = begin().followedByAny("b", is("b")).oneOrMore().notNext("no", is("c")).followedBy("d", is("d"));

    expect(matchScript(p.afterMatch("noSkip"), "a1 b1 c1 b2 d1").matches).toEqual(["a1 b2 d1"]);
  });

  test("notFollowedBy refuses all events up to the next stage", () => {
    const p = begin().notFollowedBy("no", is("b")).followedBy("c", is("c")).afterMatch("noSkip");

    expect(matchScript(p, "a1 x1 b1 c1 a2 c2 b2").matches).toEqual(["a2 c2"]);
  });

  test("notFollowedBy holds over an optional stage that is left out, and no longer once that has an event", () => {
    const p = begin().notFollowedBy("no", is("b")).followedByAny("c", is("c")).optional().followedBy("d", is("d"));

    expect(matchScript(p.afterMatch("noSkip"), "a1 c1 b1 c2 d1").matches).toEqual(["a1 c1 d1"]);
  });

  test("notFollowedBy behind a repeated stage holds from its first event on", () => {
    const any = begin().followedByAny("b", is("b")).oneOrMore().notFollowedBy("no", is("c")).followedBy("d", is("d"));
    const upToTwo = begin().next("b", is("b")).times(1, 2).notFollowedBy("no", is("c")).followedBy("d", is("d"));

    expect(matchScript(any.afterMatch("noSkip"), "a1 b1 c1 b2 b3 d1").matches.toSorted()).toEqual([
      "a1 b2 b3 d1",
      "a1 b2 d1",
      "a1 b3 d1",
    ]);
    expect(matchScript(upToTwo.afterMatch("noSkip"), "a1 b1 x1 c1 b2 d1").matches).toEqual([]);
  });

  test("a negative in front of a repeated stage is past with its first event", () => {
    const times = begin().notFollowedBy("no", is("c")).followedBy("b", is("b")).times(1, 2).followedBy("d", is("d"));
    const loop = begin().notFollowedBy("no", is("c")).followedBy("b", is("b")).oneOrMore().optional();

    expect(matchScript(times.afterMatch("noSkip"), "a1 b1 x1 c1 b2 d1").matches.toSorted()).toEqual([
      "a1 b1 b2 d1",
      "a1 b1 d1",
    ]);
    expect(
      matchScript(loop.followedBy("d", is("d")).afterMatch("noSkip"), "a1 b1 c1 b2 d1").matches.toSorted(),
    ).toEqual(["a1 b1 b2 d1", "a1 b1 d1"]);
  });

  test("an event that a negative holds for ends the partial match, whatever else it could do", () => {
    const p = begin()
      .notFollowedBy("no", is("b"))
      .followedBy("any", () => true)
      .afterMatch("noSkip");

    expect(matchScript(p, "a1 b1 c1").matches).toEqual([]);
  });

  test("notFollowedBy at the end is a match when its time runs out, known at the last moment of it", () => {
    const p = begin().notFollowedBy("no", is("b")).within(3).afterMatch("noSkip");

    expect(matchScript(p, "a1@1 b1@2 a2@4 c1@5 b2@10 a3@11 b3@13")).toMatchObject({
      matches: ["a2"],
      times: [6],
      ranOut: [],
    });
  });

  test("notFollowedBy behind a loop at the end is a match even when nothing follows at all", () => {
    const p = begin().next("b", is("b")).oneOrMore().notFollowedBy("no", is("c")).within(5);

    expect(matchScript(p, "a1@1 b1@2")).toMatchObject({ matches: ["a1 b1"], times: [5], ranOut: [] });
  });
});

describe("within", () => {
  test("the last event comes less than its duration after the first", () => {
    const p = begin().followedBy("b", is("b")).within(10).afterMatch("noSkip");

    expect(matchScript(p, "a1@0 b1@9").matches).toEqual(["a1 b1"]);
    expect(matchScript(p, "a1@0 b1@10")).toMatchObject({ matches: [], ranOut: ["a1@9"] });
  });

  test("a partial match that runs out is told once, however many ways it could have gone on", () => {
    const p = begin().followedBy("b", is("b")).optional().followedByAny("c", is("c")).within(10).afterMatch("noSkip");

    expect(matchScript(p, "a1@0 x1@1 x2@2").ranOut).toEqual(["a1@9"]);
  });

  test("what has been a match is not told to have run out when it could have gone on", () => {
    const p = begin().followedBy("b", is("b")).oneOrMore().within(10).afterMatch("noSkip");

    expect(matchScript(p, "a1@0 b1@1 x1@2")).toMatchObject({ matches: ["a1 b1"], ranOut: [] });
  });

  test("partial matches run out in the order of their first events, between the events that follow", () => {
    const p = begin().followedBy("b", is("b")).followedBy("c", is("c")).within(5).afterMatch("noSkip");

    expect(matchScript(p, "a1@0 a2@1 b1@2 c1@5 x1@20")).toMatchObject({ matches: ["a2 b1 c1"], ranOut: ["a1 b1@4"] });
  });
});

describe("what predicates see", () => {
  test("the events that the partial match has captured, those of their own stage among them", () => {
    const sum = (events: readonly ScriptEvent[] = []) => events.reduce((total, { name }) => total + Number(name[1]), 0);
    const p = begin()
      .followedBy("n", (event, { n }) => event.name.startsWith("n") && sum(n) < 5)
      .oneOrMore()
      .greedy()
      .followedBy("end", (event, { a, n }) => event.name === `end-${a.length}-${sum(n)}`)
      .afterMatch("noSkip");

    expect(matchScript(p, "a1 n2 n4 n1 end-1-6").matches).toEqual(["a1 n2 n4 end-1-6"]);
  });

  test("undefined for an optional stage that was left out", () => {
    const seen: unknown[] = [];
    const p = begin()
      .next("b", is("b"))
      .optional()
      .followedBy("c", (event, { b }) => {
        seen.push(b?.map(({ name }) => name));
        return event.name === "c1";
      });

    matchScript(p, "a1 c1");

    expect(seen).toContainEqual(undefined);
  });

  test("one that does not look at them is asked once per event", () => {
    let calls = 0;
    const p = begin()
      .followedBy("b", (event) => {
        calls += 1;
        return event.name.startsWith("b");
      })
      .afterMatch("noSkip");

    matchScript(p, "a1 a2 a3 x1 b1");

    // Not asked for a1, before which there is no partial match.
    expect(calls).toBe(4);
  });
});

test("an event that a predicate fails at leaves the progress as it was", () => {
  const p = begin().followedByAny("b", ({ name }, { b }) => {
    if (name === "b2" && b === undefined) throw new Error("no b2");
    return name.startsWith("b");
  });
  const matcher = new Matcher(definitionOf(p.oneOrMore().allowCombinations().followedBy("c", is("c"))), {
    partialMatchesMax: 10,
    capturesMax: 100,
  });
  const progress = newProgress(0);
  for (const [time, name] of ["a1", "b1"].entries()) matcher.take(progress, { name, time }, time);
  const before = structuredClone(progress);

  expect(() => matcher.take(progress, { name: "b2", time: 2 }, 2)).toThrow("no b2");

  expect(progress).toEqual(before);
});

describe("after a match", () => {
  const twoAndTwo = () =>
    pattern<ScriptEvent>()
      .begin("start", (event) => event.name.includes("a"))
      .times(2)
      .next("end", (event) => event.name.includes("b"))
      .times(2);

  test.each([
    ["noSkip" as const, ["ab1 ab2 ab3 ab4", "ab2 ab3 ab4 ab5", "ab3 ab4 ab5 ab6", "ab4 ab5 ab6 ab7"]],
    ["skipToNext" as const, ["ab1 ab2 ab3 ab4", "ab2 ab3 ab4 ab5", "ab3 ab4 ab5 ab6", "ab4 ab5 ab6 ab7"]],
    ["skipPastLast" as const, ["ab1 ab2 ab3 ab4"]],
    [{ skipToFirst: "end" } as const, ["ab1 ab2 ab3 ab4", "ab3 ab4 ab5 ab6"]],
    [{ skipToLast: "end" } as const, ["ab1 ab2 ab3 ab4", "ab4 ab5 ab6 ab7"]],
  ])("%j goes on behind the match", (afterMatch, expected) => {
    const p = twoAndTwo().afterMatch(afterMatch);

    expect(matchScript(p, "ab1 ab2 ab3 ab4 ab5 ab6 ab7").matches).toEqual(expected);
  });

  test("skipToNext leaves out the other matches with the same first event", () => {
    const p = begin().followedByAny("b", is("b"));

    expect(matchScript(p.afterMatch("skipToNext"), "a1 b1 a2 b2").matches).toEqual(["a1 b1", "a2 b2"]);
    expect(matchScript(p.afterMatch("noSkip"), "a1 b1 a2 b2").matches).toHaveLength(3);
  });

  test("skipping to a stage that was left out leaves out nothing", () => {
    const p = begin().next("b", is("b")).optional().next("c", is("c")).afterMatch({ skipToFirst: "b" });

    expect(matchScript(p, "a1 c1 a2 b2 c2").matches).toEqual(["a1 c1", "a2 b2 c2"]);
  });

  test("skipping to the first event of the match itself goes on all the same", () => {
    const p = begin().oneOrMore().consecutive().greedy().next("b", is("b")).afterMatch({ skipToFirst: "a" });

    expect(matchScript(p, "a1 a2 a3 b1").matches).toEqual(["a1 a2 a3 b1", "a2 a3 b1", "a3 b1"]);
  });

  test("a match waits for partial matches that begin earlier and would leave it out", () => {
    const p = pattern<ScriptEvent>()
      .begin("first", (event) => /^[ac]/.test(event.name))
      .followedBy("second", (event, { first }) => event.name === `${first[0]!.name}-end`)
      .within(10);

    // a1 could still leave out c1; it does, when it ends in time.
    expect(matchScript(p, "a1@0 c1@1 c1-end@2 a1-end@3").matches).toEqual(["a1 a1-end"]);
    // Otherwise the match of c1 comes out when a1 runs out.
    expect(matchScript(p, "a1@0 c1@1 c1-end@2 x@50")).toMatchObject({
      matches: ["c1 c1-end"],
      times: [9],
      ranOut: ["a1@9"],
    });
  });

  test("without a bound, a match that waits comes out at the end of the stream", () => {
    const p = pattern<ScriptEvent>()
      .begin("first", (event) => /^[ac]\d$/.test(event.name))
      .followedBy("second", (event, { first }) => event.name === `${first[0]!.name}-end`);

    expect(matchScript(p, "a1@0 c1@1 c1-end@2 x@50")).toMatchObject({ matches: ["c1 c1-end"], times: [50] });
  });
});
