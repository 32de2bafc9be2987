import { describe, expect, test } from "vitest";
import { is, type ScriptEvent } from "./fixtures/match-script.ts";
import { definitionOf, pattern } from "./pattern.ts";

const begin = () => pattern<ScriptEvent>().begin("a", is("a"));

describe("a pattern that means nothing is refused where it is written", () => {
  const meaningless: readonly (readonly [string, () => unknown])[] = [
    ["no stage", () => definitionOf(pattern())],
    ["a second begin", () => (begin() as never as { begin(name: string, where: unknown): void }).begin("b", is("b"))],
    ["a stage without a begin", () => (pattern() as never as ReturnType<typeof begin>).next("b", is("b"))],
    ["a quantifier without a stage", () => (pattern() as never as ReturnType<typeof begin>).times(2)],
    ["two stages of one name", () => begin().next("a", is("b"))],
    ["two numbers of events", () => begin().times(2).oneOrMore()],
    ["optional twice", () => begin().optional().optional()],
    ["optional after times(0, max)", () => begin().times(0, 2).optional()],
    ["consecutive for one event", () => begin().consecutive()],
    ["allowCombinations for one event", () => begin().allowCombinations()],
    ["consecutive and allowCombinations", () => begin().oneOrMore().consecutive().allowCombinations()],
    ["greedy for one event", () => begin().greedy()],
    ["greedy for a fixed number", () => begin().times(3).greedy()],
    ["greedy with allowCombinations", () => begin().oneOrMore().allowCombinations().greedy()],
    ["allowCombinations with greedy", () => begin().oneOrMore().greedy().allowCombinations()],
    ["until without a loop", () => begin().times(2).until(is("z"))],
    ["a quantified negative", () => (begin().notNext("no", is("b")) as never as ReturnType<typeof begin>).oneOrMore()],
    ["an optional negative", () => (begin().notNext("no", is("b")) as never as ReturnType<typeof begin>).optional()],
    ["a negative behind an optional stage", () => begin().next("b", is("b")).optional().notNext("no", is("c"))],
    ["notNext behind notFollowedBy", () => begin().notFollowedBy("no", is("b")).notNext("nor", is("c"))],
    ["notFollowedBy at the end without within", () => definitionOf(begin().notFollowedBy("no", is("b")))],
    ["within twice", () => begin().within(1).within(2)],
    ["skipping to a stage that is not there", () => definitionOf(begin().afterMatch({ skipToFirst: "z" as "a" }))],
    [
      "skipping to a negative",
      () =>
        definitionOf(
          begin()
            .notNext("no", is("b"))
            .afterMatch({ skipToLast: "no" as "a" }),
        ),
    ],
  ];

  test.each(meaningless)("%s", (_, build) => {
    expect(build).toThrow(expect.objectContaining({ code: "ERR_ACT_PATTERN" }));
  });
});

describe("a value that is not allowed is refused", () => {
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ["no pattern", () => definitionOf({ stages: [] })],
    ["a name", () => pattern<ScriptEvent>().begin("", is("a"))],
    ["no predicate", () => pattern<ScriptEvent>().begin("a", true as never)],
    ["times(0)", () => begin().times(0)],
    ["times(0, 0)", () => begin().times(0, 0)],
    ["a half time", () => begin().times(1.5)],
    ["min above max", () => begin().times(3, 2)],
    ["too many times", () => begin().times(1_001)],
    ["timesOrMore(0)", () => begin().timesOrMore(0)],
    ["within 0", () => begin().within(0)],
    ["no duration", () => begin().within("soon" as never)],
    ["another way to go on", () => definitionOf(begin().afterMatch("skip" as never))],
    ["no way to go on", () => definitionOf(begin().afterMatch({} as never))],
    ["two ways to go on", () => definitionOf(begin().afterMatch({ skipToFirst: "a", skipToLast: "a" } as never))],
  ];

  test.each(wrong)("%s", (_, build) => {
    expect(build).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  });

  test("an async predicate", () => {
    expect(() => begin().next("b", (async () => true) as never)).toThrow(
      expect.objectContaining({ code: "ERR_ACT_ASYNC_FUNCTION" }),
    );
  });
});

test("a beginning can be continued in several ways", () => {
  const common = begin();

  const one = definitionOf(common.next("b", is("b")));
  const other = definitionOf(common.oneOrMore().followedBy("c", is("c")).within("1m"));

  expect(one.stages.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(one.stages[0]).toMatchObject({ min: 1, max: 1 });
  expect(other.stages.map(({ name }) => name)).toEqual(["a", "c"]);
  expect(other.withinMs).toBe(60_000);
});
