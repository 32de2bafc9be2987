/**
 * The cases of patterns under faults, with the guarantees that leave something open.
 *
 * - at-least-once: where the operator itself fails, every match comes, and no other; some may come again. Where an operator before it does, events
 *   may come again, and are events of the pattern like others: what has to follow directly may not do so any more.
 * - at-most-once: a match holds events of its key, each once.
 */

import { describe, expect, test } from "vitest";
import { instanceOfKey, type Match } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { oneByOne } from "../fixtures/one-by-one.ts";
import { namesOf, patternOf } from "../fixtures/pattern-case.ts";
import { type CaseEvent, type SemanticsCase, semanticsCases } from "../fixtures/semantics-cases.ts";
import { crash } from "../simulation/fault.ts";
import type { PlannedFault } from "../simulation/fault-action.ts";
import { simulate } from "../simulation/simulate.ts";

const cases = semanticsCases("cep");

type Captured = Parameters<typeof namesOf>[0]["captured"];

interface Found {
  readonly key: unknown;
  readonly names: readonly string[];
  /** The indexes of its events. */
  readonly ids: readonly number[];
}

/** What the faults have done in all cases together. */
const seen = { again: 0, lost: 0 };

describe.each(cases.map((given) => [given.id, given] as const))("%s", (_, given) => {
  const events = given.input.flatMap((item) => ("value" in item ? [item] : []));
  const expected = given.expected.map(({ match }) => (match as readonly string[]).join(" ")).toSorted();
  const firstKey = events[0]?.key ?? "";
  const ofKey = events.filter(({ key = "" }) => key === firstKey).length;
  const matching = (parallelism: number) => {
    return crash("matches", instanceOfKey(firstKey, parallelism)).after(Math.ceil((2 * ofKey) / 3));
  };
  const reading = crash("time").after(Math.ceil(events.length / 2));

  async function run(
    guarantee: "at-least-once" | "at-most-once",
    parallelism: number,
    faults: readonly PlannedFault[],
  ) {
    const simulation = await simulate(jobOf(given, events, parallelism), {
      ...{ seed: 3, faults, guarantee, epochInterval: 30, threads: 3 },
    });
    expect(simulation).toMatchObject({ status: "completed", assertions: [], violations: [] });
    expect(simulation.struck).toHaveLength(faults.length);
    return simulation.collected<Found>("found");
  }

  test.each([1, 4])(
    "at-least-once, on %i instances, nothing is missing when the operator fails",
    async (parallelism) => {
      const matches = await run("at-least-once", parallelism, [matching(parallelism)]);
      const found = matches.map(({ names }) => names.join(" "));

      expect([...new Set(found)].sort()).toEqual([...new Set(expected)]);
      expect(found.length).toBeGreaterThanOrEqual(expected.length);
      seen.again += found.length - expected.length;
    },
  );

  test.each(["at-least-once", "at-most-once"] as const)(
    "%s, matches are of events that there are",
    async (guarantee) => {
      const found = await run(guarantee, 4, [matching(4), reading]);

      for (const { key, ids } of found) {
        expect(ids.map((id) => events[id]?.key ?? "")).toEqual(ids.map(() => key));
        if (guarantee === "at-most-once") expect(new Set(ids).size).toBe(ids.length);
      }
      if (guarantee === "at-most-once" && found.length < expected.length) seen.lost += 1;
    },
  );
});

test("the faults have repeated and lost matches", () => {
  expect(seen.again).toBeGreaterThan(0);
  expect(seen.lost).toBeGreaterThan(cases.length / 4);
});

function foundIn(match: Match<Captured>): Found {
  const events: readonly object[] = Object.values(match.captured).flat();
  const ids = events.flatMap((event) => ("id" in event && typeof event.id === "number" ? [event.id] : []));
  return { key: match.key, names: namesOf(match), ids };
}

/** Event time stays 4 ms behind, where the case says how far it is; otherwise events come in order. */
function jobOf(given: SemanticsCase, events: readonly CaseEvent[], parallelism: number) {
  const outOfOrderness = given.input.some((item) => "watermark" in item) ? 4 : 0;
  return defineJob(given.id, (job) => {
    job
      .source("events", oneByOne(events.map((event, id) => ({ ...event, id }))))
      .eventTime("time", { time: ({ ts = 0 }) => ts, outOfOrderness })
      .keyBy(({ key = "" }) => key)
      .match("matches", patternOf(given), foundIn, { parallelism })
      .collect("found");
  });
}
