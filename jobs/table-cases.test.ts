import { expect, test } from "vitest";
import {
  aggregate,
  asOfJoin,
  type Change,
  count,
  firstRows,
  type GroupedChange,
  groupedAggregate,
  type Key,
  type OperatorSpec,
  streamTableJoin,
  sum,
  topRows,
} from "../actors/index.ts";
import { CaseRows, contentOf, sortedRows } from "./fixtures/case-rows.ts";
import { type CaseEvent, type CaseItem, type SemanticsCase, semanticsCases } from "./fixtures/semantics-cases.ts";
import { OperatorHarness } from "./testing/index.ts";

/** The cases by their ids; every case of these kinds that is about tables is below. */
const cases = new Map(
  semanticsCases("topn", "dedup", "asof-join", "stream-table-join").map((each) => [each.id, each] as const),
);

function caseOf(id: string): SemanticsCase {
  const found = cases.get(id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}

type Row = readonly number[];

async function expectRows(
  { input, expected }: SemanticsCase,
  spec: OperatorSpec,
  feed: (harness: OperatorHarness, item: CaseItem, index: number) => void,
  show: (row: never) => unknown = (row) => row,
): Promise<void> {
  const harness = await OperatorHarness.open(spec);
  for (const [index, item] of input.entries()) {
    feed(harness, item, index);
    for (const { after, rows } of expected) {
      if (after === index)
        expect(sortedRows(contentOf(harness.values()).map((row) => show(row as never)))).toEqual(
          sortedRows(rows ?? []),
        );
    }
  }
}

/** Gives each row to the operator in the group that `groupOf` says, the left ones on its first input. */
function byGroup(groupOf: (row: Row) => Key) {
  const rows = new CaseRows();
  return (harness: OperatorHarness, item: CaseItem, index: number) => {
    const event = item as CaseEvent;
    const group = groupOf(event.value as Row);
    const value: GroupedChange = { group, change: rows.change(event, index) };
    harness.feed([{ value, key: group }], event.stream === "R" ? 1 : 0);
  };
}

const column = (index: number) => (row: Row) => row[index] as number;
const bySecond = (left: Row, right: Row) => column(1)(left) - column(1)(right);

test.each([
  ["rw-topn-group", 3, "row-number", column(0), (row: Row) => row],
  ["rw-topn-rank-ties", 3, "rank", column(0), (row: Row) => row],
  ["rw-topn-rank-global", 4, "rank", () => "", (row: Row) => row],
  ["rw-top1-dup", 1, "row-number", column(0), (row: Row, rank: number) => [...row, rank]],
] as const)("%s", async (id, n, ranking, groupOf, result) => {
  await expectRows(caseOf(id), topRows(n, { ranking, order: bySecond }, result), byGroup(groupOf));
});

test("rw-distinct-on", async () => {
  await expectRows(caseOf("rw-distinct-on"), firstRows(bySecond), byGroup(column(0)), ([key, value]: Row) => [
    (key ?? 0) + (value ?? 0),
  ]);
});

test("rw-window-topn-after-agg: totals by window and supplier, and the best of each window", async () => {
  interface Sale {
    readonly price: number;
    readonly supplier: string;
  }
  const { input, expected, params } = caseOf("rw-window-topn-after-agg");
  const size = params.size as number;
  const totals = await OperatorHarness.open<unknown, Change<{ sum: number; n: number }>>(
    groupedAggregate(aggregate({ sum: sum(({ price }: Sale) => price), n: count() })),
  );
  const best = await OperatorHarness.open(
    topRows(3, { order: (left: Row, right: Row) => column(3)(right) - column(3)(left) }, (row) => row),
  );
  for (const [index, item] of input.entries()) {
    if (!("value" in item)) continue;
    const start = Math.floor((item.ts ?? 0) / size) * size;
    const group = JSON.stringify([start, start + size, (item.value as Sale).supplier]);
    const change: Change = { kind: "insert", key: index, after: item.value };
    totals.feed([{ value: { group, change }, key: group }]);
  }
  for (const change of totals.values()) {
    const names = JSON.parse(change.key as string) as [number, number, string];
    const shown = ({ sum: total, n }: { sum: number; n: number }) => [...names, total, n];
    const before = change.kind === "insert" ? undefined : shown(change.before);
    const after = change.kind === "delete" ? undefined : shown(change.after);
    best.feed([{ value: { group: names[0], change: { ...change, before, after } }, key: names[0] }]);
  }

  expect(sortedRows(contentOf(best.values()))).toEqual(sortedRows(expected[0]?.rows ?? []));
});

const asOf = {
  leftTime: column(1),
  rightTime: column(1),
  // By their own ids: the keys here are those of the test.
  ties: (left: Row, right: Row) => column(2)(left) - column(2)(right),
};
const pair = (left: Row, right: Row | undefined) => [...left, ...(right ?? [null, null, null])];

test.each([
  ["rw-asof-rematch", { ...asOf, direction: "after" }],
  ["rw-asof-multi", { ...asOf, direction: "after" }],
  ["rw-asof-left-strict", { ...asOf, type: "left", strict: true }],
] as const)("%s", async (id, options) => {
  await expectRows(caseOf(id), asOfJoin<Row, Row, unknown>(options, pair), byGroup(column(0)));
});

test.each(["kafka-stream-table-inner", "kafka-stream-table-tombstone"])("%s", async (id) => {
  const { input, expected } = caseOf(id);
  const harness = await OperatorHarness.open(streamTableJoin("inner", (left, right) => ({ left, right })));
  const found: unknown[] = [];
  for (const [index, item] of input.entries()) {
    const { stream, key = "", value, ts = 0 } = item as CaseEvent;
    if (stream === "table") {
      const change: Change =
        value === null ? { kind: "delete", key, before: "" } : { kind: "insert", key, after: value };
      harness.feed([{ value: change, key, time: ts }], 1);
    } else {
      harness.feed([{ value, key, time: ts }]);
    }
    for (const result of (harness.results().main ?? []).slice(found.length)) {
      found.push({ after: index, key, ...(result.value as object), ts: result.time });
    }
  }

  expect(found).toEqual(expected);
});

test("rw-temporal-proctime-left: what was put out is not taken back", async () => {
  const { input, expected } = caseOf("rw-temporal-proctime-left");
  const rows = new CaseRows();
  const joined = (left: Row, right: Row | undefined) => [...left, ...(right ?? [null, null])];
  const harness = await OperatorHarness.open(streamTableJoin("left", joined));
  for (const [index, item] of input.entries()) {
    const event = item as CaseEvent;
    const key = column(0)(event.value as Row);
    if (event.stream === "table") harness.feed([{ value: { ...rows.change(event, index), key }, key }], 1);
    else harness.feed([{ value: event.value, key }]);
    for (const { after, rows: wanted } of expected) {
      if (after === index) expect(sortedRows(harness.values())).toEqual(sortedRows(wanted ?? []));
    }
  }
});
