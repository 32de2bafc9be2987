import fc from "fast-check";
import { expect, test } from "vitest";
import { matchEvents, type ScriptEvent } from "./fixtures/match-script.ts";
import { referenceMatches } from "./fixtures/reference-matches.ts";
import { Matcher } from "./matcher.ts";
import { definitionOf, pattern } from "./pattern.ts";
import type { AfterMatch, PatternDefinition, Where } from "./pattern-definition.ts";

const limits = { partialMatchesMax: 100_000, capturesMax: 1_000_000 };
const names = ["s0", "s1", "s2", "s3", "s4"];

interface StageChoice {
  readonly contiguity: "next" | "followedBy" | "followedByAny" | "notNext" | "notFollowedBy";
  readonly letters: readonly string[];
  /** Looks at what was captured: the event has another digit than the first one of the match. */
  readonly differs: boolean;
  readonly times: "one" | "two" | "oneToThree" | "zeroToTwo" | "twoOrMore" | "loop";
  readonly inner: "relaxed" | "consecutive" | "combinations";
  readonly optional: boolean;
  readonly greedy: boolean;
}

const letters = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 });

const stageChoice: fc.Arbitrary<StageChoice> = fc.record({
  contiguity: fc.constantFrom("next", "followedBy", "followedBy", "followedByAny", "notNext", "notFollowedBy"),
  letters,
  differs: fc.boolean(),
  times: fc.constantFrom("one", "one", "two", "oneToThree", "zeroToTwo", "twoOrMore", "loop"),
  inner: fc.constantFrom("relaxed", "consecutive", "combinations"),
  optional: fc.boolean(),
  greedy: fc.boolean(),
});

const afterMatch: fc.Arbitrary<AfterMatch> = fc.oneof(
  fc.constantFrom<AfterMatch>("noSkip", "skipToNext", "skipPastLast"),
  fc.constantFrom<AfterMatch>({ skipToFirst: "s0" }, { skipToLast: "s0" }),
);

const definitions = fc
  .record({
    stages: fc.array(stageChoice, { minLength: 1, maxLength: 4 }),
    within: fc.option(fc.integer({ min: 1, max: 12 })),
    afterMatch,
  })
  .map(({ stages, within, afterMatch: skip }) => built(stages, within, skip));

const streams = fc
  .array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 8 })
  .map((steps) => {
    let time = 0;
    return steps.map(([letter, step], index): ScriptEvent => {
      time += step;
      return { name: `${letter}${index}`, time };
    });
  });

test("the matcher finds what trying every selection of events finds, for all patterns", () => {
  fc.assert(
    fc.property(definitions, streams, (definition, events) => {
      const expected = referenceMatches(definition, events);

      const { matches } = matchEvents(new Matcher(definition, limits), events);

      if (definition.afterMatch === "noSkip") expect(matches.toSorted()).toEqual(expected.toSorted());
      else expect(matches).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test("it makes no difference when its progress goes through a checkpoint between any two events", () => {
  fc.assert(
    fc.property(definitions, streams, (definition, events) => {
      const { progress: _, ...expected } = matchEvents(new Matcher(definition, limits), events);

      const { progress: __, ...restored } = matchEvents(new Matcher(definition, limits), events, true);

      expect(restored).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

/** A pattern of what was chosen, as far as it means something. */
function built(stages: readonly StageChoice[], within: number | null, skip: AfterMatch): PatternDefinition {
  const builder = pattern() as unknown as AnyBuilder;
  let whole = builder;
  let wasOptional = false;
  let wasNegative = false;
  for (const [index, choice] of stages.entries()) {
    const isNegative = choice.contiguity === "notNext" || choice.contiguity === "notFollowedBy";
    const name = names[index]!;
    const where = whereOf(choice, index > 0);
    if (index === 0) whole = quantified(whole.begin(name, where), choice);
    else if (isNegative) {
      if (wasOptional || (wasNegative && choice.contiguity === "notNext")) continue;
      whole = whole[choice.contiguity](name, where);
    } else whole = quantified(whole[choice.contiguity](name, where), choice);
    wasNegative = index > 0 && isNegative;
    wasOptional = !wasNegative && (choice.optional || choice.times === "zeroToTwo");
  }
  if (within !== null) whole = whole.within(within);
  else if (stages.some(({ contiguity }) => contiguity === "notFollowedBy")) whole = whole.within(5);
  return definitionOf(whole.afterMatch(skip));
}

function quantified(stage: AnyBuilder, { times, inner, optional, greedy }: StageChoice): AnyBuilder {
  let result = stage;
  if (times === "two") result = result.times(2);
  if (times === "oneToThree") result = result.times(1, 3);
  if (times === "zeroToTwo") result = result.times(0, 2);
  if (times === "twoOrMore") result = result.timesOrMore(2);
  if (times === "loop") result = result.oneOrMore();
  if (times !== "one" && inner === "consecutive") result = result.consecutive();
  if (times !== "one" && inner === "combinations") result = result.allowCombinations();
  if (times !== "one" && times !== "two" && inner !== "combinations" && greedy) result = result.greedy();
  return optional && times !== "zeroToTwo" ? result.optional() : result;
}

function whereOf({ letters: allowed, differs }: StageChoice, looks: boolean): Where {
  const plain = (event: ScriptEvent) => allowed.includes(event.name[0]!);
  if (!differs || !looks) return plain;
  const parity = ({ name }: ScriptEvent) => Number(name.slice(1)) % 2;
  return (event: ScriptEvent, { s0 }: { readonly s0?: readonly ScriptEvent[] }) =>
    plain(event) && (s0?.[0] === undefined || parity(s0[0]) !== parity(event));
}

/** The builder without the types of its stages, which are not known here. */
interface AnyBuilder {
  begin(name: string, where: Where): AnyBuilder;
  next(name: string, where: Where): AnyBuilder;
  followedBy(name: string, where: Where): AnyBuilder;
  followedByAny(name: string, where: Where): AnyBuilder;
  notNext(name: string, where: Where): AnyBuilder;
  notFollowedBy(name: string, where: Where): AnyBuilder;
  times(min: number, max?: number): AnyBuilder;
  timesOrMore(min: number): AnyBuilder;
  oneOrMore(): AnyBuilder;
  consecutive(): AnyBuilder;
  allowCombinations(): AnyBuilder;
  greedy(): AnyBuilder;
  optional(): AnyBuilder;
  within(ms: number): AnyBuilder;
  afterMatch(afterMatch: AfterMatch): AnyBuilder;
}
