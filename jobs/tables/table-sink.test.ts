import { describe, expect, test } from "vitest";
import { generate, type SinkSpec } from "../../actors/index.ts";
import { decode } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import { tableColumnsMax } from "../limits.ts";
import { OperatorHarness } from "../testing/index.ts";
import { table } from "./table-sink.ts";

interface Total {
  readonly city: string;
  readonly count: number;
}

async function rowsOf(options: Parameters<typeof table<Total>>[1], events: readonly Total[]) {
  const harness = await OperatorHarness.open(table<Total>("totals", options), { guarantee: "exactly-once" });
  harness.feedValues(events);
  await harness.barrier(1);
  const rows = harness.takeRows();
  return { harness, rows: rows === undefined ? undefined : decode(rows) };
}

const events = [
  { city: "Ulm", count: 1 },
  { city: "Bonn", count: 2 },
  { city: "Ulm", count: 3 },
];

describe("a sink into a table", () => {
  test("gives the rows of an epoch with its snapshot, once", async () => {
    const { harness, rows } = await rowsOf({ columns: ["count", "city"] }, events);

    expect(rows).toEqual([
      [1, "Ulm"],
      [2, "Bonn"],
      [3, "Ulm"],
    ]);
    expect(harness.takeRows()).toBeUndefined();
  });

  test("gives the last row of each key", async () => {
    const { rows } = await rowsOf({ columns: ["city", "count"], key: ["city"] }, events);

    expect(rows).toEqual([
      ["Ulm", 3],
      ["Bonn", 2],
    ]);
  });

  test("an event that is no row fails alone", async () => {
    const wrong = { city: "Ulm", count: undefined as never };
    const { harness, rows } = await rowsOf({ columns: ["city", "count"], key: ["count"] }, [wrong, ...events]);

    expect(rows).toHaveLength(3);
    expect(harness.deadLetters).toMatchObject([{ value: wrong, error: { code: "ERR_JOB_TABLE_ROW" } }]);
  });
});

test.each<[string, unknown, unknown]>([
  ["table: name", "no name", { columns: ["a"] }],
  ["table: name", "1st", { columns: ["a"] }],
  ["table: columns", "t", {}],
  ["table: columns", "t", { columns: [] }],
  ["table: columns", "t", { columns: ['a"'] }],
  ["table: columns", "t", { columns: ["a", "A"] }],
  ["table: columns", "t", { columns: Array.from({ length: tableColumnsMax + 1 }, (_, index) => `c${index}`) }],
  ["table: key", "t", { columns: ["a"], key: ["b"] }],
])("refuses %s that is not allowed, naming it", (path, name, options) => {
  expect(() => table(name as string, options as never)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(path) }),
  );
});

describe("a job with a table", () => {
  const job = (...names: readonly string[]) =>
    defineJob("tabled", (build) => {
      const rows = build.source("numbers", generate({ count: 1 })).map("row", (index) => ({ index }));
      for (const [number, name] of names.entries()) rows.sink(`sink${number}`, table(name, { columns: ["index"] }));
    });

  test.each([
    ["storage", { guarantee: "exactly-once" }],
    ["checkpoints", { guarantee: "at-most-once", storage: "/nowhere" }],
  ] as const)("is refused without %s, and told what it needs", async (_, options) => {
    await using system = await ActorSystem.start();

    await expect(system.submit(job("t"), options)).rejects.toMatchObject({
      code: "ERR_JOB_TABLE",
      message: expect.stringMatching(/sink "sink0" writes to table "t".* storage: "<directory>" and guarantee/),
    });
  });

  test("is refused when two of its sinks write to one table", async () => {
    await using system = await ActorSystem.start();

    await expect(
      system.submit(job("t", "T"), { guarantee: "exactly-once", storage: "/nowhere" }),
    ).rejects.toMatchObject({ code: "ERR_JOB_TABLE", details: { sinks: ["sink0", "sink1"] } });
  });
});

test("at the end of a table rows are written, and deleted when they go or change their key", async () => {
  const { ofTable } = table<Total>("totals", { columns: ["city", "count"], key: ["city"] });
  const harness = await OperatorHarness.open(ofTable as SinkSpec<unknown>, { guarantee: "exactly-once" });
  const [ulm, bonn, ulm2] = [
    { city: "Ulm", count: 1 },
    { city: "Bonn", count: 2 },
    { city: "Ulm", count: 3 },
  ];

  harness.feedValues([
    { kind: "insert", key: 1, after: ulm },
    { kind: "insert", key: 2, after: bonn },
    { kind: "update", key: 1, before: ulm, after: ulm2 },
    { kind: "delete", key: 2, before: bonn },
    { kind: "update", key: 1, before: ulm2, after: { city: "Jena", count: 4 } },
  ]);
  await harness.barrier(1);

  expect(decode(harness.takeRows() ?? new Uint8Array())).toEqual([{ gone: ["Ulm"] }, { gone: ["Bonn"] }, ["Jena", 4]]);
});

test("without a key it cannot end a table", () => {
  expect(table<Total>("totals", { columns: ["city"] }).ofTable).toBeUndefined();
});
