/**
 * The cases of tables from the test suites of other engines, in jobs: on one instance and on four, event by event and in micro-batches, with the
 * process killed amid them. What operators give after each item is held by table-cases.test.ts.
 */

import { describe, expect, test } from "vitest";
import { aggregate, type Change, count, type Key, sum } from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import { CaseRows, contentOf, sortedRows } from "./fixtures/case-rows.ts";
import { oneByOne } from "./fixtures/one-by-one.ts";
import { type CaseEvent, type SemanticsCase, semanticsCases } from "./fixtures/semantics-cases.ts";
import type { OperatorOptions } from "./operator-options.ts";
import { killProcess } from "./simulation/fault.ts";
import { simulate } from "./simulation/simulate.ts";
import type { SimulateOptions } from "./simulation/simulation.ts";
import type { Stream } from "./stream.ts";
import type { Table } from "./table.ts";

interface Item {
  readonly stream: string;
  readonly key: Key;
  readonly value: unknown;
  readonly change: Change;
}

type Row = readonly number[];
type Rows = Table<Row, Key>;
/** What the rows of a case become. */
type Build = (tableOf: (stream: string) => Rows, options: OperatorOptions) => Showable;

/** A table of whatever rows. */
interface Showable {
  changes(): { collect(name: string): unknown };
}

interface Sale {
  readonly price: number;
  readonly supplier: string;
  readonly ts: number;
}

const itemMs = 10;
const modes = [
  { parallelism: 1 },
  { parallelism: 4 },
  { parallelism: 1, microBatch: { interval: "2ms" } },
  { parallelism: 4, microBatch: { interval: "2ms" } },
] as const;

const column = (index: number) => (row: Row) => row[index] as number;
const bySecond = (left: Row, right: Row) => column(1)(left) - column(1)(right);
const asOf = {
  on: [column(0), column(0)],
  time: [column(1), column(1)],
  ties: (left: Row, right: Row) => column(2)(left) - column(2)(right),
} as const;
const pair = (left: Row, right: Row | undefined) => [...left, ...(right ?? [null, null, null])];

const builds: Readonly<Record<string, Build>> = {
  "rw-topn-group": (of, options) =>
    of("rows")
      .groupBy(column(0))
      .topN("top", 3, { ...options, ranking: "row-number", order: bySecond }),
  "rw-topn-rank-ties": (of, options) =>
    of("rows")
      .groupBy(column(0))
      .topN("top", 3, { ...options, ranking: "rank", order: bySecond }),
  "rw-topn-rank-global": (of, options) => of("rows").topN("top", 4, { ...options, ranking: "rank", order: bySecond }),
  "rw-top1-dup": (of, options) =>
    of("rows")
      .groupBy(column(0))
      .topN("top", 1, { ...options, ranking: "row-number", order: bySecond, result: (row, rank) => [...row, rank] }),
  "rw-distinct-on": (of, options) =>
    of("rows")
      .distinctOn("first", column(0), { ...options, order: bySecond })
      .map("sums", ([key = 0, value = 0]) => [key + value]),
  "rw-window-topn-after-agg": (of, options) => {
    const size = caseOf("rw-window-topn-after-agg").params.size as number;
    const windowOf = ({ ts }: Sale) => Math.floor(ts / size) * size;
    return (of("rows") as unknown as Table<Sale, Key>)
      .groupBy((sale) => JSON.stringify([windowOf(sale), windowOf(sale) + size, sale.supplier]))
      .aggregate("totals", aggregate({ sum: sum(({ price }: Sale) => price), n: count() }), options)
      .map("named", ({ sum, n }, name) => [...(JSON.parse(name) as [number, number, string]), sum, n] as const)
      .groupBy(([start]) => start)
      .topN("best", 3, { ...options, order: (left, right) => right[3] - left[3] });
  },
  "rw-asof-rematch": (of, options) =>
    of("L").asOfJoin("nearest", of("R"), pair, { ...asOf, ...options, direction: "after" }),
  "rw-asof-multi": (of, options) =>
    of("L").asOfJoin("nearest", of("R"), pair, { ...asOf, ...options, direction: "after" }),
  "rw-asof-left-strict": (of, options) =>
    of("L").asOfJoin("nearest", of("R"), pair, { ...asOf, ...options, type: "left", strict: true }),
};

test("every case of tables is here, or is one of a stream and a table", () => {
  const ids = semanticsCases("topn", "dedup", "asof-join").map(({ id }) => id);
  expect(Object.keys(builds).sort()).toEqual(ids.filter((id) => !id.includes("eowc")).sort());
});

describe.each(Object.keys(builds))("%s", (id) => {
  const { input, expected } = caseOf(id);
  const rows = new CaseRows();
  const items = input.flatMap((item, index): Item[] => {
    if (!("value" in item)) return [];
    const { ts, stream = "rows", value } = item;
    const row = ts === undefined ? item : { ...item, value: { ...(value as object), ts } };
    const change = rows.change(row, index);
    return [{ stream, key: change.key, value: row.value, change }];
  });

  test.each(modes)("%j", async (options) => {
    const job = defineJob("tables", (builder) => {
      const source = builder.source("items", oneByOne(items));
      const tableOf = (stream: string) => tableIn<Row>(source, stream);
      const result = (builds[id] as Build)(tableOf, options);
      result.changes().collect("changes");
    });

    const { status, struck, violations, collected } = await simulate(job, inTheMiddle(items.length, options));

    expect({ status, violations, struck: struck.length }).toEqual({ status: "completed", violations: [], struck: 1 });
    expect(sortedRows(contentOf(collected("changes")))).toEqual(sortedRows(expected.at(-1)?.rows ?? []));
  });
});

/** The table changes without a word: only events of the stream have results, and none is taken back. */
describe.each(semanticsCases("stream-table-join"))("$id", ({ id, input, expected }) => {
  const isRows = expected.some(({ rows }) => rows !== undefined);
  const rows = new CaseRows();
  const items = input.flatMap((item, index): Item[] => {
    if (!("value" in item)) return [];
    const { stream = "rows", value } = item;
    const key = isRows ? column(0)(value as Row) : (item.key as Key);
    return [{ stream, key, value, change: { ...changeOf(item, rows, index), key } as Change }];
  });

  function changeOf(item: CaseEvent, known: CaseRows, index: number): Change {
    if (isRows) return known.change(item, index);
    return item.value === null
      ? { kind: "delete", key: "", before: null }
      : { kind: "insert", key: "", after: item.value };
  }

  test.each(modes)("%j", async (options) => {
    const type = id.includes("left") ? "left" : "inner";
    const job = defineJob("tables", (builder) => {
      const source = builder.source("items", oneByOne(items));
      source
        .filter("events", ({ stream }) => stream === "L")
        .keyBy(({ key }) => key)
        .joinTable(
          "joined",
          tableIn<unknown>(source, "table"),
          ({ key, value }, right) => ({ key, left: value, right }),
          {
            ...options,
            type,
          },
        )
        .collect("results");
    });

    const { status, struck, violations, collected } = await simulate(job, inTheMiddle(items.length, options));

    expect({ status, violations, struck: struck.length }).toEqual({ status: "completed", violations: [], struck: 1 });
    const results = collected<{ key: Key; left: Row; right: Row | undefined }>("results");
    const shown = isRows ? results.map(({ left, right }) => [...left, ...(right ?? [null, null])]) : results;
    const wanted = isRows ? expected.at(-1)?.rows : expected.map(({ key, left, right }) => ({ key, left, right }));
    expect(sortedRows(shown)).toEqual(sortedRows(wanted ?? []));
  });
});

function tableIn<R>(source: Stream<Item>, stream: string): Table<R, Key> {
  return source
    .filter(`of-${stream}`, (item) => item.stream === stream)
    .map(`changes-of-${stream}`, ({ change }) => change as Change<R, Key>)
    .fromChanges<R, Key>(`rows-of-${stream}`);
}

function inTheMiddle(itemCount: number, { parallelism }: OperatorOptions): SimulateOptions<undefined> {
  return {
    seed: parallelism ?? 1,
    faults: [killProcess().at((itemCount * itemMs) / 2)],
    guarantee: "exactly-once",
    epochInterval: 5,
    threads: 2,
  };
}

function caseOf(id: string): SemanticsCase {
  return semanticsCases().find((one) => one.id === id) as SemanticsCase;
}
