/**
 * The cases of interval joins under faults, with the guarantees that leave something open.
 *
 * - at-least-once: every pair comes, and every event that has no partner; some may come again.
 * - at-most-once: no pair comes twice, and none that is no pair; an event may be alone because its partner was lost.
 */

import { describe, expect, test } from "vitest";
import { joinJobOf } from "../fixtures/join-case.ts";
import { type SemanticsCase, semanticsCases } from "../fixtures/semantics-cases.ts";
import { crash } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

type Pair = readonly [left: unknown, right: unknown];

const isView = ({ expected }: SemanticsCase): boolean => expected.some(({ rows }) => rows !== undefined);
const cases = semanticsCases("interval-join", "window-join").filter((given) => {
  const isInterval = given.kind === "interval-join" || given.params.before !== undefined;
  return isInterval && !isView(given) && given.input.every((item) => !("ts" in item) || item.ts! >= 0);
});

/** What the faults have done in all cases together. */
const seen = { doubled: 0, lost: 0 };

describe.each(cases.map((given) => [given.id, given] as const))("%s", (_, given) => {
  const events = given.input.filter((item) => "value" in item).length;

  async function run(guarantee: "at-least-once" | "at-most-once", parallelism: number, isHurt: boolean) {
    const joining = Array.from({ length: parallelism }, (_, instance) => crash("pairs-of", instance).after(1));
    const reading = crash("times").after(Math.ceil((3 * events) / 4));
    const simulation = await simulate(joinJobOf(given, { parallelism }), {
      ...{ seed: 4, faults: isHurt ? [...joining, reading] : [], guarantee, epochInterval: 40, threads: 3 },
    });
    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    if (isHurt) expect(simulation.struck.length).toBeGreaterThan(1);
    const pairs = simulation.collected<Pair>("pairs");
    return { pairs: pairs.map((pair) => JSON.stringify(pair)), hasLate: simulation.collected("late").length > 0 };
  }

  test.each([1, 4])("at-least-once, on %i instances, nothing is missing", async (parallelism) => {
    const expected = await run("at-least-once", parallelism, false);
    const found = await run("at-least-once", parallelism, true);

    expect(moreOf(expected.pairs, found.pairs)).toEqual([]);
    expect([...new Set(found.pairs)].sort()).toEqual([...new Set(expected.pairs)].sort());
    seen.doubled += moreOf(found.pairs, expected.pairs).length;
  });

  test.each([1, 4])("at-most-once, on %i instances, nothing is doubled", async (parallelism) => {
    const expected = await run("at-most-once", parallelism, false);
    const found = await run("at-most-once", parallelism, true);

    const more = moreOf(found.pairs, expected.pairs).map((text) => JSON.parse(text) as Pair);
    // Where a lost watermark kept an event from being late, it has partners.
    if (!expected.hasLate) expect(more.filter(([left, right]) => left !== null && right !== null)).toEqual([]);
    const sides = found.pairs.map((text) => JSON.parse(text) as Pair).filter((pair) => pair.includes(null));
    expect(moreOf(sides.map(alone), given.input.map(alone))).toEqual([]);
    if (moreOf(expected.pairs, found.pairs).length > 0) seen.lost += 1;
  });
});

test("the faults have doubled and lost pairs", () => {
  expect(seen.doubled).toBeGreaterThan(cases.length / 4);
  expect(seen.lost).toBeGreaterThan(cases.length / 2);
});

/** The side and the value of an event. */
function alone(one: SemanticsCase["input"][number] | Pair): string {
  if (Array.isArray(one)) return JSON.stringify(one[1] === null ? ["L", one[0]] : ["R", one[1]]);
  const { stream = "L", value } = one as { readonly stream?: string; readonly value?: unknown };
  return JSON.stringify([stream, value]);
}

/** What one of them has more often than the other. */
function moreOf(one: readonly string[], other: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const text of other) left.set(text, (left.get(text) ?? 0) + 1);
  return one.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}
