import fc from "fast-check";
import { expect, test } from "vitest";
import { aggregate } from "../aggregates/aggregate-record.ts";
import { max, min } from "../aggregates/extremes.ts";
import { count, sum } from "../aggregates/totals.ts";
import type { Key } from "../batch.ts";
import type { JoinType } from "../joins/join-type.ts";
import type { OperatorSpec } from "../operator.ts";
import { RestartingOperator } from "../state/fixtures/restarting-operator.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { asOfJoin } from "./as-of-join.ts";
import { type Change, changeBetween } from "./change.ts";
import { derivedRows, filteredRows } from "./derived-rows.ts";
import { type RowStep, rowSteps } from "./fixtures/random-rows.ts";
import { TableContent } from "./fixtures/table-content.ts";
import { groupedAggregate } from "./grouped-aggregate.ts";
import { type GroupedChange, regroup } from "./regroup.ts";
import { settleRows } from "./settle-rows.ts";
import { streamAsOfJoin } from "./stream-as-of-join.ts";
import { joinByKey, joinByReference } from "./table-join.ts";
import { changedRows, tableRows } from "./table-rows.ts";
import { firstRows, topRows } from "./top-rows.ts";

interface Row {
  readonly group: number;
  readonly n: number;
}

const row = fc.record(
  { group: fc.integer({ min: 0, max: 2 }), n: fc.integer({ min: 0, max: 5 }) },
  { noNullPrototype: true },
);

/** One instance of each part of an operation, with changes handed from part to part, and restarts when the test says so. */
class Parts {
  readonly #parts: RestartingOperator[];
  readonly #keyOf: readonly ((value: never) => Key)[];
  readonly content = new TableContent<unknown>();

  static async of(...parts: readonly (readonly [OperatorSpec, keyOf: (value: never) => Key])[]): Promise<Parts> {
    const all = new Parts(parts);
    for (const part of all.#parts) await part.start();
    return all;
  }

  private constructor(parts: readonly (readonly [OperatorSpec, keyOf: (value: never) => Key])[]) {
    this.#parts = parts.map(([spec]) => new RestartingOperator(spec));
    this.#keyOf = parts.map(([, keyOf]) => keyOf);
  }

  async restart(): Promise<void> {
    for (const part of this.#parts) {
      part.snapshot();
      await part.start();
    }
  }

  /** Gives values to the first part; what comes out of the last one is added to the content. */
  feed(values: readonly unknown[], input = 0): void {
    let current = values;
    for (const [index, part] of this.#parts.entries()) {
      const keyOf = this.#keyOf[index] as (value: unknown) => Key;
      part.values.length = 0;
      if (current.length > 0) {
        const events = current.map((value) => ({ value, key: keyOf(value) }));
        part.feed(events, index === 0 ? input : 0);
      }
      current = [...part.values];
    }
    this.content.apply(current as Change[]);
  }
}

const byGroup = ({ group }: GroupedChange): Key => group;
const bySettled = ({ change }: GroupedChange): Key => change.key;
const byKey = ({ key }: Change): Key => key;

/** A step as the changes of groups, which is what `regroup` makes of the change that it is. */
function grouped({ key, row: after }: RowStep<Row>, before: Row | undefined): readonly GroupedChange[] {
  const change = changeBetween(key, before, after);
  if (change === undefined) return [];
  if (before === undefined || after === undefined || before.group === after.group) {
    return [{ group: (after ?? before)?.group as Key, change }];
  }
  return [
    { group: before.group, change: { kind: "delete", key, before } },
    { group: after.group, change: { kind: "insert", key, after } },
  ];
}

async function follows(
  make: () => Promise<Parts>,
  expected: (rows: ReadonlyMap<Key, Row>) => ReadonlyMap<Key, unknown>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(rowSteps(row, 5), fc.integer({ min: 2, max: 7 }), async (steps, restartEvery) => {
      const parts = await make();
      const rows = new Map<Key, Row>();
      for (const [index, step] of steps.entries()) {
        parts.feed(grouped(step, rows.get(step.key)));
        if (step.row === undefined) rows.delete(step.key);
        else rows.set(step.key, step.row);
        expect(parts.content.rows).toEqual(expected(rows));
        if (index % restartEvery === 0) await parts.restart();
      }
    }),
    { seed: 1, numRuns: 60 },
  );
}

function groupsOf(rows: ReadonlyMap<Key, Row>): Map<Key, [Key, Row][]> {
  return Map.groupBy(rows, ([, { group }]) => group as Key);
}

test.each([
  ["that takes rows back", sum(({ n }: Row) => n), (all: readonly number[]) => all.reduce((a, b) => a + b, 0)],
  ["that does not", max(({ n }: Row) => n), (all: readonly number[]) => Math.max(...all)],
  [
    "of several",
    aggregate({ n: count(), least: min(({ n }: Row) => n) }),
    (all: readonly number[]) => ({ n: all.length, least: Math.min(...all) }),
  ],
] as const)("an aggregate %s follows its rows, over restarts", async (_, one, of) => {
  await follows(
    () => Parts.of([groupedAggregate<Row, never, unknown>(one as never), byGroup]),
    (rows) => new Map([...groupsOf(rows)].map(([group, own]) => [group, of(own.map(([, { n }]) => n))])),
  );
});

test("the first rows of groups follow, also when rows move between them, over restarts", async () => {
  const spec = () =>
    topRows<Row, Row>(2, { order: (left, right) => left.n - right.n, ranking: "rank" }, (each) => each);
  await follows(
    () => Parts.of([spec(), byGroup], [settleRows(), bySettled]),
    (rows) => {
      const shown = [...groupsOf(rows).values()].flatMap((own) => {
        return own.filter(([, { n }]) => own.filter(([, other]) => other.n < n).length < 2);
      });
      return new Map(shown);
    },
  );
});

test("the first row of each group follows, over restarts", async () => {
  await follows(
    () => Parts.of([firstRows<Row>((left, right) => right.n - left.n), byGroup]),
    (rows) => {
      const shown = [...groupsOf(rows)].map(([group, own]): [Key, Row] => {
        return [group, { group: group as number, n: Math.max(...own.map(([, { n }]) => n)) }];
      });
      return new Map(shown);
    },
  );
});

const types: readonly JoinType[] = ["inner", "left", "right", "full"];
type Side = readonly [isLeft: boolean, step: RowStep<Row>];
const sides: fc.Arbitrary<Side[]> = fc
  .array(fc.tuple(fc.boolean(), rowSteps(row, 2)), { maxLength: 8 })
  .map((runs) => runs.flatMap(([isLeft, steps]) => steps.slice(0, 5).map((step): Side => [isLeft, step])));

async function bothFollow(
  make: () => Promise<Parts>,
  leftValues: (step: RowStep<Row>, before: Row | undefined) => readonly unknown[],
  rightValues: (step: RowStep<Row>, before: Row | undefined) => readonly unknown[],
  expected: (lefts: ReadonlyMap<Key, Row>, rights: ReadonlyMap<Key, Row>) => ReadonlyMap<Key, unknown>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(sides, fc.integer({ min: 2, max: 7 }), async (steps, restartEvery) => {
      const parts = await make();
      const [lefts, rights] = [new Map<Key, Row>(), new Map<Key, Row>()];
      for (const [index, [isLeft, step]] of steps.entries()) {
        const rows = isLeft ? lefts : rights;
        parts.feed((isLeft ? leftValues : rightValues)(step, rows.get(step.key)), isLeft ? 0 : 1);
        if (step.row === undefined) rows.delete(step.key);
        else rows.set(step.key, step.row);
        expect(parts.content.rows).toEqual(expected(lefts, rights));
        if (index % restartEvery === 0) await parts.restart();
      }
    }),
    { seed: 1, numRuns: 60 },
  );
}

const plain = (step: RowStep<Row>, before: Row | undefined) => {
  return [changeBetween(step.key, before, step.row)].filter((change) => change !== undefined);
};
const both = (left: Row | undefined, right: Row | undefined) => [left?.n ?? null, right?.n ?? null];

test.each(types)("a %s join by key follows both tables, over restarts", async (type) => {
  await bothFollow(
    () => Parts.of([joinByKey(type, both), byKey]),
    plain,
    plain,
    (lefts, rights) => {
      const keys = [...new Set([...lefts.keys(), ...rights.keys()])].filter((key) => {
        if (lefts.has(key) && rights.has(key)) return true;
        return type === "full" || (type === "left" && lefts.has(key)) || (type === "right" && rights.has(key));
      });
      return new Map(keys.map((key) => [key, both(lefts.get(key), rights.get(key))]));
    },
  );
});

test.each(types)("a %s join by a key that rows refer to follows both tables, over restarts", async (type) => {
  const showsRight = type === "right" || type === "full";
  await bothFollow(
    () =>
      Parts.of(
        [joinByReference(type, both), (value: GroupedChange & Change) => value.group ?? value.key],
        [settleRows(), bySettled],
      ),
    grouped,
    plain,
    (lefts, rights) => {
      const shown = new Map<Key, unknown>();
      for (const [key, left] of lefts) {
        const right = rights.get(left.group);
        if (right !== undefined || type === "left" || type === "full") {
          shown.set(showsRight ? `left ${String(key)}` : key, both(left, right));
        }
      }
      for (const [key, right] of rights) {
        const isAlone = [...lefts.values()].every(({ group }) => group !== key);
        if (showsRight && isAlone) shown.set(`right ${String(key)}`, both(undefined, right));
      }
      return shown;
    },
  );
});

test("an as-of join follows both tables, over restarts", async () => {
  const time = ({ n }: Row) => n;
  await bothFollow(
    () =>
      Parts.of([asOfJoin({ type: "left", leftTime: time, rightTime: time }, both), byGroup], [settleRows(), bySettled]),
    grouped,
    grouped,
    (lefts, rights) => {
      const shown = [...lefts].map(([key, left]): [Key, unknown] => {
        const own = [...rights.values()].filter(({ group, n }) => group === left.group && n <= left.n);
        const nearest = own.length === 0 ? undefined : { group: left.group, n: Math.max(...own.map(({ n }) => n)) };
        return [key, both(left, nearest)];
      });
      return new Map(shown);
    },
  );
});

test("events become rows by key, and null deletes", async () => {
  const harness = await OperatorHarness.open(tableRows(({ n }: Row) => (n < 0 ? null : n)));
  const event = (n: number) => ({ value: { group: 0, n }, key: "k" });

  harness.feed([event(1), event(1), event(2), event(-1), event(-1), event(3)]);

  expect(harness.values()).toEqual([
    { kind: "insert", key: "k", after: 1 },
    { kind: "update", key: "k", before: 1, after: 2 },
    { kind: "delete", key: "k", before: 2 },
    { kind: "insert", key: "k", after: 3 },
  ]);
});

test("changes that come from elsewhere keep to the rules when they come out; what is none fails alone", async () => {
  const harness = await OperatorHarness.open(changedRows());
  const values = [
    { kind: "delete", key: "k", before: 1 },
    { kind: "update", key: "k", before: 7, after: 1 },
    { kind: "insert", key: "k", after: 2 },
    { kind: "insert", key: "k", after: null },
    { kind: "replace", key: "k", after: 3 },
    { kind: "delete", key: "k", before: 9 },
  ];

  harness.feed(values.map((value) => ({ value, key: "k" })));

  expect(harness.values()).toEqual([
    { kind: "insert", key: "k", after: 1 },
    { kind: "update", key: "k", before: 1, after: 2 },
    { kind: "delete", key: "k", before: 2 },
  ]);
  expect(harness.deadLetters.map(({ error }) => (error as { code?: string }).code)).toEqual([
    "ERR_ACT_CHANGE",
    "ERR_ACT_CHANGE",
  ]);
});

test("rows that are made of others, or left out, change with them", async () => {
  const doubled = await OperatorHarness.open(derivedRows("double", (n: number) => (n > 5 ? null : n * 2)));
  const even = await OperatorHarness.open(filteredRows((n: number) => n % 2 === 0));
  const changes: Change[] = [
    { kind: "insert", key: 1, after: 2 },
    { kind: "update", key: 1, before: 2, after: 7 },
    { kind: "update", key: 1, before: 7, after: 3 },
    { kind: "delete", key: 1, before: 3 },
  ];

  doubled.feedValues(changes);
  even.feedValues(changes);

  expect(doubled.values()).toEqual([
    { kind: "insert", key: 1, after: 4 },
    { kind: "delete", key: 1, before: 4 },
    { kind: "insert", key: 1, after: 6 },
    { kind: "delete", key: 1, before: 6 },
  ]);
  expect(even.values()).toEqual([
    { kind: "insert", key: 1, after: 2 },
    { kind: "delete", key: 1, before: 2 },
  ]);
});

test("a row that changes its group leaves the one and comes to the other; a group that is no key fails alone", async () => {
  const harness = await OperatorHarness.open(regroup("groupBy", ({ group }: { group: unknown }) => group as Key));
  const [one, two, none] = [{ group: 1 }, { group: 2 }, { group: null }];

  harness.feedValues([
    { kind: "update", key: "k", before: one, after: two },
    { kind: "insert", key: "l", after: none },
  ]);

  expect(harness.values()).toEqual([
    { group: 1, change: { kind: "delete", key: "k", before: one } },
    { group: 2, change: { kind: "insert", key: "k", after: two } },
  ]);
  expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_KEY" } }]);
});

test("an event is joined with its row as of its own time, when event time has come to it", async () => {
  const spec = streamAsOfJoin("left", 10, (event: string, version: string | undefined) => `${event} ${version ?? "-"}`);
  const harness = await OperatorHarness.open<unknown, string>(spec);
  let told = 0;
  const news = () => {
    const values = harness.values().slice(told);
    told += values.length;
    return values;
  };
  const event = (value: string, time: number) => harness.feed([{ value, key: "k", time }]);
  const version = (after: string | null, time: number) => {
    const value = after === null ? { kind: "delete", key: "k", before: "" } : { kind: "insert", key: "k", after };
    harness.feed([{ value, key: "k", time }], 1);
  };

  event("at 5", 5);
  event("at 12", 12);
  event("at 3", 3);
  version("v10", 10);
  version("v4", 4);
  version(null, 14);
  event("at 15", 15);
  expect(news()).toEqual([]);

  harness.watermark(11);
  expect(news()).toEqual(["at 3 -", "at 5 v4"]);

  // Later than event time, and kept: a version counts for the events behind it, an event is joined at once.
  version("v11", 11);
  event("late at 11", 11);
  event("late at 4", 4);
  expect(news()).toEqual(["late at 11 v11", "late at 4 v4"]);

  harness.watermark(40);
  expect(news()).toEqual(["at 12 v11", "at 15 -"]);
  event("too late", 29);
  version("too late", 28);
  expect(news()).toEqual([]);
  expect((harness.results().late ?? []).map(({ time }) => time)).toEqual([29, 28]);
});

test("versions that nobody can ask for any more are not kept", async () => {
  const harness = await OperatorHarness.open(
    streamAsOfJoin("inner", 10, (_: unknown, version: unknown) => version),
    { guarantee: "exactly-once" },
  );
  for (let time = 1; time <= 100; time += 1) {
    harness.feed([{ value: { kind: "insert", key: "k", after: time }, key: "k", time }], 1);
    harness.watermark(time);
  }

  const entries = await harness.barrier(1);

  expect(entries.find(([name]) => name === "versions")?.[3]).toHaveLength(11);
});

test("an event without event time cannot be joined as of it", async () => {
  const harness = await OperatorHarness.open(streamAsOfJoin("inner", 10, () => 1));

  harness.feed([{ value: 1, key: "k" }]);

  expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_EVENT_TIME" } }]);
});

test.each<[string, () => unknown]>([
  ["a count of 0", () => topRows(0, { order: () => 0 }, (each) => each)],
  ["an unknown ranking", () => topRows(1, { order: () => 0, ranking: "first" as never }, (each) => each)],
  ["a negative offset", () => topRows(1, { order: () => 0, offset: -1 }, (each) => each)],
  ["no order", () => firstRows(undefined as never)],
  ["an unknown type of join", () => joinByKey("outer" as never, () => 1)],
  [
    "an as-of join to the right",
    () => asOfJoin({ type: "right" as never, leftTime: () => 1, rightTime: () => 1 }, () => 1),
  ],
  ["an as-of join without times", () => asOfJoin({} as never, () => 1)],
  [
    "a direction that is none",
    () => asOfJoin({ direction: "left" as never, leftTime: () => 1, rightTime: () => 1 }, () => 1),
  ],
  ["a full join of a stream", () => streamAsOfJoin("full" as never, 1, () => 1)],
  ["no aggregate", () => groupedAggregate({} as never)],
])("%s is refused", (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});

test("an order that returns no number, and a row without a time, fail alone", async () => {
  const top = await OperatorHarness.open(topRows(1, { order: () => Number.NaN }, (each) => each));
  const nearest = await OperatorHarness.open(asOfJoin({ leftTime: () => Number.NaN, rightTime: () => 1 }, () => 1));
  const insert = (key: number) => ({ value: { group: 1, change: { kind: "insert", key, after: key } }, key: 1 });

  top.feed([insert(1), insert(2)]);
  nearest.feed([insert(1)]);

  expect(top.values()).toHaveLength(1);
  expect(top.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_ROW_ORDER" } }]);
  expect(nearest.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_ROW_TIME" } }]);
});
