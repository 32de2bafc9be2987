/** The cases of other engines, held against the interval join. Those that keep a view up to date differ: we put nothing out twice. */

import { describe, expect, test } from "vitest";
import { JoinCase, type JoinCaseResult, joinJobOf } from "../fixtures/join-case.ts";
import { type CaseResult, type SemanticsCase, semanticsCases } from "../fixtures/semantics-cases.ts";
import { killProcess } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";

const isView = ({ expected }: SemanticsCase): boolean => expected.some(({ rows }) => rows !== undefined);
const isInterval = ({ kind, params }: SemanticsCase): boolean =>
  kind === "interval-join" || params.before !== undefined;

describe.each([false, true])("the pairs, in micro-batches: %s", (inMicroBatches) => {
  const cases = semanticsCases("interval-join", "window-join").filter((given) => isInterval(given) && !isView(given));

  test.each(cases)("$id", async (given) => {
    const join = await JoinCase.open(given, inMicroBatches);
    for (const [index, item] of given.input.entries()) await join.take(item, index);

    const compared = (results: readonly object[]) => (given.ordered === true ? results : results.map(printed).sort());
    expect(compared(inWordsOf(given.expected, join.results))).toEqual(compared(given.expected));
    expect(join.dropped).toEqual(given.dropped ?? []);
  });
});

describe("in jobs", () => {
  const cases = semanticsCases("interval-join", "window-join").filter(
    (given) => isInterval(given) && !isView(given) && given.input.every((item) => !("ts" in item) || item.ts! >= 0),
  );

  test.each(cases)("$id", async (given) => {
    const alone = await JoinCase.open(given);
    for (const [index, item] of given.input.entries()) await alone.take(item, index);
    alone.end();
    const expected = alone.results.map(({ left, right }) => JSON.stringify([left, right])).sort();

    for (const [guarantee, options, faults] of [
      ["exactly-once", { parallelism: 1 }, [killProcess().at(60)]],
      ["exactly-once", { parallelism: 4, microBatch: { interval: "2ms" } }, [killProcess().at(60)]],
      ["at-least-once", { parallelism: 2 }, []],
      ["at-most-once", { parallelism: 2 }, []],
    ] as const) {
      const simulation = await simulate(joinJobOf(given, options), { seed: 2, faults, guarantee, epochInterval: 5 });

      expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
      expect(simulation.collected("pairs").map(printedPair).sort()).toEqual(expected);
      expect(simulation.collected("late")).toHaveLength(given.dropped?.length ?? 0);
    }
  });
});

const printedPair = (pair: unknown) => JSON.stringify(pair);

describe("what is final of a view that is kept up to date", () => {
  test.each(semanticsCases("interval-join").filter(isView))("$id", async (given) => {
    const join = await JoinCase.open({ ...given, params: { ...given.params, ...boundsOf(given) } });
    for (const [index, item] of given.input.entries()) await join.take(item, index);
    await join.take({ watermark: Number.MAX_SAFE_INTEGER, stream: "R" }, given.input.length);
    await join.take({ watermark: Number.MAX_SAFE_INTEGER, stream: "L" }, given.input.length);

    const column = (name: string): number =>
      given.columns?.indexOf(name) ?? (given.params.columns as string[]).indexOf(name);
    const rows = (given.expected.at(-1)?.rows ?? []) as readonly (readonly unknown[])[];
    const expected = rows.map((row) => [row[column("L.value")], row[column("R.value")]]);
    expect(join.results.map(({ left, right }) => [left, right]).sort()).toEqual(expected.toSorted());
  });

  /** `R.ts <= L.ts <= R.ts+10 s`, for a left event: from so much before it to itself. */
  function boundsOf({ params }: SemanticsCase): { readonly lower: number; readonly upper: number } {
    const seconds = /^same key and R\.ts <= L\.ts <= R\.ts\+(\d+) s$/.exec(String(params.condition))?.[1];
    return { lower: -Number(seconds) * 1_000, upper: 0 };
  }
});

describe("the events that are kept", () => {
  test.each(semanticsCases("state-cleanup"))("$id", async (given) => {
    const join = await JoinCase.open(given);
    const seen: object[] = [];
    for (const [index, item] of given.input.entries()) {
      await join.take(item, index);
      if (given.expected.some(({ after }) => after === index)) seen.push({ after: index, ...(await join.kept()) });
    }

    expect(seen).toEqual(given.expected);
  });
});

/** Results with no more than the expected ones say. */
function inWordsOf(expected: readonly CaseResult[], results: readonly JoinCaseResult[]): readonly object[] {
  const named = Object.keys(expected[0] ?? {});
  return results.map((result) => Object.fromEntries(Object.entries(result).filter(([name]) => named.includes(name))));
}

function printed(value: object): string {
  return JSON.stringify(Object.entries(value).toSorted());
}
