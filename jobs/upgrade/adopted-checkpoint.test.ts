/** A checkpoint in the cells of another graph, as values. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate, keyGroupOf, mergedEntries, ownerOf, type StateEntry } from "../../actors/index.ts";
import type { Job } from "../job-builder.ts";
import { plan } from "../planner.ts";
import { adoptedCheckpoint } from "./adopted-checkpoint.ts";
import { graphOf, storedBy } from "./fixtures/stored-jobs.ts";
import { compareJobs } from "./job-comparison.ts";

const count = { kind: "count", version: 1, owner: "key" } as const;

/** What each cell starts from, by the names of its operators and its instance. */
function adopted(then: Parameters<typeof storedBy>, now: (job: Job) => void, hostCount = 0) {
  const [graph, stored] = [graphOf(now), storedBy(...then)];
  const jobPlan = plan(graph, { hostCount });
  const cells = adoptedCheckpoint(stored, compareJobs(stored, graph, []), graph, jobPlan);
  return new Map(
    jobPlan.chains.flatMap(({ id, name, instances }) =>
      instances.map(({ instance, inputs }) => {
        const cell = cells.get(`${id}/${instance}`);
        const ended = inputs.filter((channel) => cell?.standing.endedInputs.includes(channel));
        return [
          `${name}/${instance}`,
          { ...cell?.standing, endedInputs: `${ended.length} of ${inputs.length}`, deltas: cell?.deltas },
        ] as const;
      }),
    ),
  );
}

const source = (job: Job, parallelism = 1) => job.source("numbers", generate(), { parallelism });
const counted = (parallelism: number) => (job: Job) =>
  source(job)
    .keyBy((number) => number)
    .count("op", { parallelism })
    .collect("all");

describe("other chains", () => {
  const apart = (job: Job) =>
    source(job)
      .shuffle()
      .map("one", (number) => number)
      .shuffle()
      .map("two", (number) => number)
      .collect("all");
  const together = (job: Job) =>
    source(job)
      .map("one", (number) => number)
      .map("two", (number) => number)
      .collect("all");

  test("a source keeps its position, and what has ended stays ended", () => {
    const ended = [{ ended: true }];
    const then = { numbers: [{ position: 7, ended: true }], one: ended, two: ended, all: ended };

    expect([...adopted([apart, then], together)]).toMatchObject([
      ["numbers > one > two/0", { position: 7, ended: true }],
      ["all/0", { ended: true, endedInputs: "1 of 1" }],
    ]);
    expect([...adopted([together, then], apart)]).toMatchObject([
      ["numbers/0", { position: 7, ended: true }],
      ["one/0", { ended: true, endedInputs: "1 of 1" }],
      ["two/0", { ended: true, endedInputs: "1 of 1" }],
      ["all/0", { ended: true, endedInputs: "1 of 1" }],
    ]);
  });

  test("of operators that were cells of their own, some of which had ended, those go on that had not", () => {
    const then = { numbers: [{ position: 7, ended: true }], one: [{ ended: true }] };

    const [cell] = adopted([apart, then], together).values();

    expect(cell).toMatchObject({ position: 7, ended: false, reopenedAt: 1 });
  });

  test("a chain whose operators go on has none that has ended", () => {
    const [cell] = adopted([apart, { numbers: [{ position: 7 }] }], together).values();

    expect(cell).toEqual({
      position: 7,
      ended: false,
      reopenedAt: undefined,
      endedInputs: "0 of 0",
      watermarks: [],
      deltas: new Map(),
    });
  });
});

test("inputs have ended where what sends to them has, by name, whatever the numbers of channels are", () => {
  const two = (names: readonly string[]) => (job: Job) => {
    const [left, right] = names.map((name) => job.source(name, generate(), { parallelism: 2 })) as [
      ReturnType<typeof source>,
      ReturnType<typeof source>,
    ];
    left
      .union(right)
      .keyBy((number) => number)
      .count("op", { parallelism: 3 })
      .collect("all");
  };
  const then = {
    fast: [
      { position: 1, ended: true },
      { position: 1, ended: true },
    ],
  };

  const cells = adopted([two(["fast", "slow"]), then], two(["slow", "fast"]));

  for (const instance of [0, 1, 2]) {
    expect(cells.get(`op/${instance}`)).toMatchObject({ endedInputs: "2 of 4", ended: false });
  }
});

test("inputs of one instance that has ended have ended, and those of the others have not", () => {
  const twice = (job: Job) =>
    source(job, 2)
      .keyBy((number) => number)
      .count("op", { parallelism: 3 })
      .collect("all");
  const then = { numbers: [{ position: 1 }, { position: 1, ended: true }] };

  const cells = adopted([twice, then], twice);

  for (const instance of [0, 1, 2]) expect(cells.get(`op/${instance}`)?.endedInputs).toBe("1 of 2");
});

test("each instance that was sent to by one is sent to by more now: event time is nowhere ahead of the slowest of them", () => {
  const job = (readers: number) => (job: Job) =>
    job
      .source("numbers", generate(), { parallelism: readers })
      .eventTime("times", {}, { parallelism: readers })
      .throttle("op", 1, 1, { parallelism: 2 })
      .collect("all");
  const then = { numbers: [{ position: 1 }, { position: 1 }], op: [{ watermark: 159 }, { watermark: 950 }] };

  const cells = adopted([job(2), then], job(4));

  for (const instance of [0, 1]) {
    const times = cells.get(`op/${instance}`)?.watermarks?.map(([, time]) => time);
    expect(times).toEqual([159, 159, 159, 159]);
  }
});

test("placement does not matter: on any number of threads cells start from the same", () => {
  const then: Parameters<typeof storedBy> = [counted(2), { numbers: [{ position: 3 }] }];

  expect(adopted(then, counted(3), 4)).toEqual(adopted(then, counted(3), 0));
});

test("a state follows its operator to another name", () => {
  const entries: StateEntry[] = [["fold", 1, true, [1, undefined], count]];
  const now = (job: Job) =>
    source(job)
      .keyBy((number) => number)
      .count("total", { renamedFrom: "op" })
      .collect("all");

  const cell = adopted([counted(1), { op: [{ entries }] }], now).get("total/0");

  expect(mergedEntries(cell?.deltas?.get("total") ?? [])).toEqual(entries);
});

test("of a keyed operator each instance has the state of the keys that it owns, at any parallelism", () => {
  const parallelism = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(parallelism, parallelism, (before, now) => {
      const keys = Array.from({ length: 50 }, (_, key) => `key ${key}`);
      const op = Array.from({ length: before }, (_, instance) => ({
        entries: keys
          .filter((key) => ownerOf(keyGroupOf(key), before) === instance)
          .map((key): StateEntry => ["fold", key, true, [key.length, undefined], count]),
      }));

      const cells = adopted([counted(before), { op }], counted(now));

      const found = Array.from({ length: now }, (_, instance) =>
        mergedEntries(cells.get(`op/${instance}`)?.deltas?.get("op") ?? []).map(([, key]) => key),
      );
      expect(found.flat().sort()).toEqual([...keys].sort());
      for (const [instance, own] of found.entries()) {
        expect(own.every((key) => ownerOf(keyGroupOf(key), now) === instance)).toBe(true);
      }
    }),
    { seed: 1, numRuns: 50 },
  );
});
