/** What becomes of a checkpoint in another version of its job, as values. */

import { describe, expect, test } from "vitest";
import { fileLines, fromIterable, generate, type StateEntry, type StateForm, tcpListen } from "../../actors/index.ts";
import type { Job } from "../job-builder.ts";
import type { KeyedStream } from "../keyed-stream.ts";
import { graphOf, storedBy } from "./fixtures/stored-jobs.ts";
import { compareJobs } from "./job-comparison.ts";

const form = (kind: string, owner: StateForm["owner"] = "key", version = 1): StateForm => ({ kind, version, owner });
const fold = (kind: string, version = 1): StateEntry => ["fold", "a", true, [1, undefined], form(kind, "key", version)];

/** numbers -> (by key) the operator that the test is about -> all */
const around =
  (add: (stream: KeyedStream<number, number>) => { collect(name: string): void }, name = "numbers") =>
  (job: Job) =>
    add(job.source(name, generate()).keyBy((number) => number)).collect("all");

const counted = around((stream) => stream.count("op"));
const read = { numbers: [{ position: 7 }] };

function compared(then: Parameters<typeof storedBy>, now: (job: Job) => void, allowDropped: string[] = []) {
  return compareJobs(storedBy(...then), graphOf(now), allowDropped);
}

const of = (changes: ReturnType<typeof compared>, operator: string) =>
  changes.find((change) => change.operator === operator);

test("the same job is kept as it is, in one line per operator", () => {
  const changes = compared([counted, { ...read, op: [{ entries: [fold("count")] }] }], counted);

  expect(changes).toEqual(
    ["numbers", "op", "all"].map((operator) => expect.objectContaining({ operator, becomes: "kept", facts: [] })),
  );
  expect(changes.filter(({ refusal }) => refusal !== undefined)).toEqual([]);
});

describe("without a flag", () => {
  test("an operator may be added; it begins without state", () => {
    const now = (job: Job) =>
      job
        .source("numbers", generate())
        .map("double", (number) => 2 * number)
        .keyBy((number) => number)
        .count("op")
        .collect("all");

    expect(of(compared([counted, read], now), "double")).toMatchObject({ becomes: "new", refusal: undefined });
  });

  test("a source may be added; it reads from its start", () => {
    const now = (job: Job) => {
      counted(job);
      job.source("more", generate()).collect("others");
    };

    expect(of(compared([counted, read], now), "more")).toMatchObject({
      becomes: "new",
      facts: ["reads its input from the start"],
    });
  });

  test("an operator of which nothing is stored may go, and become another one", () => {
    const then = (job: Job) =>
      job
        .source("numbers", generate())
        .map("double", (number) => 2 * number)
        .map("triple", (number) => 3 * number)
        .collect("all");
    const now = (job: Job) =>
      job
        .source("numbers", generate())
        .filter("triple", () => true)
        .collect("all");

    const changes = compared([then, read], now);

    expect(of(changes, "double")).toMatchObject({ becomes: "gone" });
    expect(changes.map(({ refusal }) => refusal)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("a keyed operator may have another parallelism; its state is shared out", () => {
    const now = around((stream) => stream.count("op", { parallelism: 3 }));

    expect(of(compared([counted, { op: [{ entries: [fold("count")] }] }], now), "op")).toMatchObject({
      becomes: "kept",
      facts: ["1 instance then, 3 instances now", "1 piece of state shared out by key"],
      refusal: undefined,
    });
  });

  test("a sink with transactions may have another parallelism; what was prepared is taken over", () => {
    const written = (parallelism: number) => (job: Job) =>
      job.source("numbers", generate()).sink("file", fileLines("{instance}.txt"), { parallelism });
    const entry = (number: number): StateEntry => ["transactions", number, true, {}, form("transactions", "any")];
    const then = [{ entries: [entry(0)] }, { entries: [entry(1)] }];

    expect(of(compared([written(2), { file: then }], written(1)), "file")).toMatchObject({
      becomes: "kept",
      facts: ["2 instances then, 1 instance now", "transactions of instances that are not there any more taken over"],
      refusal: undefined,
    });
  });

  test("a replayable source may have another parallelism; its shares are shared out", () => {
    const then = (job: Job) => job.source("numbers", generate(), { parallelism: 4 }).collect("all");
    const now = (job: Job) => job.source("numbers", generate(), { parallelism: 2 }).collect("all");
    const positions = [{ position: 1 }, { position: 2 }, { position: 3 }, { position: 4 }];

    expect(of(compared([then, { numbers: positions }], now), "numbers")).toMatchObject({
      becomes: "kept",
      facts: ["4 instances then, 2 instances now", expect.stringContaining("shares")],
      refusal: undefined,
    });
  });

  test("a source without a position may have another parallelism, and go", () => {
    const listen = (ports: number[]) => (job: Job) =>
      job.source("numbers", tcpListen({ ports }), { parallelism: ports.length }).collect("all");
    const away = (job: Job) => job.source("others", generate()).collect("all");

    expect(of(compared([listen([1, 2])], listen([1])), "numbers")).toMatchObject({
      becomes: "kept",
      refusal: undefined,
    });
    expect(of(compared([listen([1, 2])], away), "numbers")).toMatchObject({ becomes: "gone" });
  });

  test("an operator may have another name, if it says which it had", () => {
    const now = around((stream) => stream.count("total", { renamedFrom: "op" }));

    const changes = compared([counted, { op: [{ entries: [fold("count")] }] }], now);

    expect(of(changes, "total")).toMatchObject({ storedAs: "op", becomes: "kept", facts: ['was called "op"'] });
    expect(of(changes, "op")).toBeUndefined();
  });

  test("a former name does not count any more when the checkpoint knows the new one", () => {
    const now = around((stream) => stream.count("op", { renamedFrom: "before" }));

    expect(of(compared([counted], now), "op")).toMatchObject({ storedAs: "op", becomes: "kept" });
  });

  test("a state may be migrated, also from that of another kind", () => {
    const versioning = { version: 3, migrate: { 1: (old: number) => [old], 2: (old: number[]) => old } };
    const now = around((stream) =>
      stream.scan(
        "op",
        () => [0],
        (sum) => sum,
        versioning,
      ),
    );

    expect(of(compared([counted, { op: [{ entries: [fold("count")] }] }], now), "op")).toMatchObject({
      becomes: "migrated",
      facts: ['state "fold" from version 1 to 3, 1 piece'],
      refusal: undefined,
    });
  });
});

describe("it is refused", () => {
  const scanned = around((stream) =>
    stream.scan(
      "op",
      () => 0,
      (sum) => sum,
    ),
  );
  const processed = around((stream) => stream.process("op", () => ({ onEvent: () => undefined })));
  const wholeState: StateEntry = ["total", "", true, 1, form("value", "instance")];
  const unkeyed = (parallelism: number) => (job: Job) =>
    job
      .source("numbers", generate(), { parallelism })
      .process("op", () => ({ onEvent: () => undefined }))
      .collect("all");

  test.each<[string, Parameters<typeof storedBy>, (job: Job) => void, string, RegExp]>([
    [
      "when state is left behind",
      [counted, { op: [{ entries: [fold("count")] }] }],
      around((stream) => stream.process("other", () => ({ onEvent: () => undefined }))),
      "op",
      /^state "fold" of 1 piece would be lost$/,
    ],
    [
      "when a position is left behind",
      [counted, read],
      around((stream) => stream.count("op"), "others"),
      "numbers",
      /^its position in its input would be lost$/,
    ],
    [
      "when the kind of state is another one",
      [counted, { op: [{ entries: [fold("count")] }] }],
      scanned,
      "op",
      /is that of a count; raise its version to migrate it to a scan/,
    ],
    [
      "when a process takes the place of a fold",
      [counted, { op: [{ entries: [fold("count")] }] }],
      processed,
      "op",
      /is kept by a count, and the operator is a process now/,
    ],
    [
      "when a fold takes the place of a process",
      [processed, { op: [{ entries: [["total", "a", true, 1, form("value")]] }] }],
      counted,
      "op",
      /is kept by a process, and a count has none of that name/,
    ],
    [
      "when a migration is missing",
      [scanned, { op: [{ entries: [fold("scan")] }] }],
      around((stream) =>
        stream.scan(
          "op",
          () => 0,
          (sum) => sum,
          { version: 3, migrate: { 1: (old: number) => old } },
        ),
      ),
      "op",
      /no migration from version 2/,
    ],
    [
      "when what is stored is newer",
      [scanned, { op: [{ entries: [fold("scan", 4)] }] }],
      around((stream) =>
        stream.scan(
          "op",
          () => 0,
          (sum) => sum,
          { version: 2 },
        ),
      ),
      "op",
      /stored in version 4, and the job knows versions up to 2/,
    ],
    [
      "when state per instance would have to be shared out",
      [unkeyed(1), { op: [{ entries: [wholeState] }] }],
      unkeyed(2),
      "op",
      /is kept per instance, and cannot be shared out among 2 instances/,
    ],
    [
      "when there are no keys any more",
      [processed, { op: [{ entries: [["total", "a", true, 1, form("value")]] }] }],
      unkeyed(1),
      "op",
      /is kept per key, and there are no keys now/,
    ],
    [
      "when a source reads another kind of input",
      [counted, read],
      (job) =>
        job
          .source("numbers", fromIterable([1]))
          .keyBy((number) => number)
          .count("op")
          .collect("all"),
      "numbers",
      /its position says nothing about another kind of input/,
    ],
    [
      "when an operator that has given its last results would get events again",
      [counted, { numbers: [{ position: 9, ended: true }], op: [{ ended: true }], all: [{ ended: true }] }],
      (job) => {
        const more = job.source("more", generate());
        job
          .source("numbers", generate())
          .union(more)
          .keyBy((number) => number)
          .count("op")
          .collect("all");
      },
      "op",
      /cannot take events of "more"/,
    ],
    [
      "when it is about to end, and its parallelism is another one",
      [
        around((stream) => stream.count("op", { parallelism: 2 })),
        { numbers: [{ position: 9, ended: true }], op: [{ ended: true }, { ended: false }] },
      ],
      around((stream) => stream.count("op", { parallelism: 3 })),
      "op",
      /some of its instances have given their last results/,
    ],
  ])("%s", (_what, then, now, operator, refusal) => {
    expect(of(compared(then, now), operator)?.refusal).toMatch(refusal);
  });

  test("unless the author allows it by name", () => {
    const then: Parameters<typeof storedBy> = [counted, { ...read, op: [{ entries: [fold("count")] }] }];
    const now = around((stream) => stream.process("op", () => ({ onEvent: () => undefined })), "others");

    const changes = compared(then, now, ["op", "numbers"]);

    expect(changes.map(({ operator, becomes, storedAs, refusal }) => [operator, becomes, storedAs, refusal])).toEqual([
      ["others", "new", undefined, undefined],
      ["op", "dropped", undefined, undefined],
      ["all", "kept", "all", undefined],
      ["numbers", "dropped", undefined, undefined],
    ]);
  });
});

test("instances that ended one by one hold nobody up where each hands on to one", () => {
  const inPairs = (job: Job) =>
    job
      .source("numbers", generate(), { parallelism: 2 })
      .map("op", (number) => number)
      .collect("all");
  const half = [{ ended: true }, { ended: false }];

  const changes = compared([inPairs, { numbers: half, op: half }], inPairs);

  expect(changes.map(({ refusal }) => refusal)).toEqual([undefined, undefined, undefined]);
});

test("an operator that is put between two that have ended has ended, too", () => {
  const now = (job: Job) =>
    job
      .source("numbers", generate())
      .map("double", (number) => 2 * number)
      .keyBy((number) => number)
      .count("op")
      .collect("all");
  const ended = [{ ended: true }];

  const changes = compared([counted, { numbers: ended, op: ended, all: ended }], now);

  expect(changes.map(({ refusal }) => refusal)).toEqual([undefined, undefined, undefined, undefined]);
});
