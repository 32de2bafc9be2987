/** The cases of another engine, held against our patterns: the operator alone, restored between its items, and in a job. */

import { describe, expect, test } from "vitest";
import { encodeDelta, fromIterable, type Match, match, mergedEntries } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { namesOf, patternOf } from "../fixtures/pattern-case.ts";
import { type CaseEvent, type SemanticsCase, semanticsCases } from "../fixtures/semantics-cases.ts";
import type { MatchStreamOptions } from "../operator-options.ts";
import { crash } from "../simulation/fault.ts";
import { simulate } from "../simulation/simulate.ts";
import { OperatorHarness } from "../testing/index.ts";

const cases = semanticsCases("cep");

describe("the operator alone", () => {
  test.each(cases)("$id", async (given) => {
    const harness = await open(given);
    let time = Number.NEGATIVE_INFINITY;
    for (const item of given.input) {
      if ("watermark" in item) {
        time = Math.max(time, item.watermark);
        harness.watermark(time);
      } else if ("value" in item) harness.feed([eventOf(item)]);
    }
    await harness.end();

    expect(sorted(harness.values())).toEqual(expected(given));
  });

  test.each(cases)("$id, restored behind each of its items", async (given) => {
    const deltas: Uint8Array[] = [];
    const matches: string[][] = [];
    let harness = await open(given);
    let time = Number.NEGATIVE_INFINITY;
    for (const item of given.input) {
      if ("watermark" in item) time = Math.max(time, item.watermark);
      else if ("value" in item) harness.feed([eventOf(item)]);
      if (time > Number.NEGATIVE_INFINITY) harness.watermark(time);
      matches.push(...harness.values());
      deltas.push(encodeDelta("match", await harness.barrier(deltas.length + 1)));
      harness = await open(given, deltas);
    }
    await harness.end();
    matches.push(...harness.values());

    expect(sorted(matches)).toEqual(expected(given));
  });
});

describe("in a job", () => {
  test.each(cases)("$id", async (given) => {
    for (const [guarantee, options, faults] of [
      ["exactly-once", { parallelism: 1 }, []],
      ["exactly-once", { parallelism: 4 }, [crash("matches", 0).after(2)]],
      ["exactly-once", { parallelism: 2, microBatch: { interval: "5ms" } }, [crash("matches", 0).after(2)]],
      ["at-least-once", { parallelism: 2 }, []],
      ["at-most-once", { parallelism: 2 }, []],
    ] as const) {
      const { status, collected } = await simulate(jobOf(given, options), {
        seed: 1,
        faults,
        threads: 2,
        guarantee,
        epochInterval: 5,
      }).then((simulation) => ({
        status: simulation.status,
        collected: simulation.collected<string[]>("found"),
      }));

      expect(status).toBe("completed");
      expect(sorted(collected)).toEqual(expected(given));
    }
  });
});

const names = (found: Match<Parameters<typeof namesOf>[0]["captured"]>) => namesOf(found);

function open(given: SemanticsCase, deltas: readonly Uint8Array[] = []): Promise<OperatorHarness<CaseEvent, string[]>> {
  return OperatorHarness.open(match(patternOf(given), names), {
    guarantee: "exactly-once",
    restore: { entries: mergedEntries(deltas), epoch: deltas.length },
  });
}

/** Event time stays 4 ms behind, where the case says how far it is; otherwise events come in order. */
function jobOf({ input, ...given }: SemanticsCase, options: MatchStreamOptions) {
  const events = input.flatMap((item) => ("value" in item ? [item] : []));
  const outOfOrderness = input.some((item) => "watermark" in item) ? 4 : 0;
  return defineJob(given.id, (job) => {
    job
      .source("events", fromIterable(events))
      .eventTime("time", { time: ({ ts = 0 }) => ts, outOfOrderness })
      .keyBy(({ key = "" }) => key)
      .match("matches", patternOf({ input, ...given }), names, options)
      .collect("found");
  });
}

function eventOf(item: CaseEvent) {
  return { value: item, time: item.ts ?? 0, key: item.key ?? "" };
}

function expected({ expected: results }: SemanticsCase): string[] {
  return sorted(results.map((result) => result.match as readonly string[]));
}

function sorted(matches: readonly (readonly string[])[]): string[] {
  return matches.map((events) => events.join(" ")).toSorted();
}
