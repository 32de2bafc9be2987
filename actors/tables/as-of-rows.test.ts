/**
 * The as-of join of two tables, in every direction, against what its rules say of the rows: random changes of both tables, rows of the same
 * time, and operators that are taken down between any two changes.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { RestartingOperator } from "../state/fixtures/restarting-operator.ts";
import { type AsOfJoinOptions, asOfJoin } from "./as-of-join.ts";
import { changeBetween } from "./change.ts";
import { TableContent } from "./fixtures/table-content.ts";
import type { GroupedChange } from "./regroup.ts";

interface Row {
  readonly at: number;
  readonly rank: number;
}

interface Step {
  readonly isLeft: boolean;
  readonly group: string;
  readonly key: number;
  readonly row: Row | undefined;
  readonly isTakenDown: boolean;
}

type Rows = ReadonlyMap<Key, Row>;

// As rows are; with other prototypes they would not be the same.
const row = fc.record({ at: fc.integer({ min: -2, max: 4 }), rank: fc.nat(2) }, { noNullPrototype: true });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    isLeft: fc.boolean(),
    group: fc.constantFrom("a", "b"),
    key: fc.nat(4),
    row: fc.option(row, { nil: undefined, freq: 3 }),
    isTakenDown: fc.boolean(),
  }),
  { maxLength: 40, size: "max" },
);

const variants = (["before", "after"] as const).flatMap((direction) =>
  (["inner", "left"] as const).flatMap((type) =>
    [false, true].flatMap((strict) => [false, true].map((hasTies) => ({ direction, type, strict, hasTies }))),
  ),
);

const byRank = (left: Row, right: Row) => left.rank - right.rank;
/** The time of a row on the right, which is read in another way than that of one on the left. */
const rightTime = ({ at }: Row) => at + 1;
const pair = (left: Row, right: Row | undefined) => ({ left, right: right ?? null });

test.each(variants)("$direction, $type, strict $strict, ties by their rank $hasTies", async (variant) => {
  const { direction, type, strict, hasTies } = variant;
  const options: AsOfJoinOptions<Row, Row> = {
    ...{ direction, type, strict, leftTime: ({ at }) => at, rightTime: (row) => new Date(rightTime(row)) },
    ...(hasTies ? { ties: byRank } : {}),
  };
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const operator = new RestartingOperator(asOfJoin(options, pair));
      await operator.start();
      const tables = { a: new Table(), b: new Table() };
      for (const { isLeft, group, key, row, isTakenDown } of drawn) {
        const table = tables[group as keyof typeof tables];
        const rows = isLeft ? table.lefts : table.rights;
        const change = changeBetween(key, rows.get(key), row);
        if (row === undefined) rows.delete(key);
        else rows.set(key, row);
        operator.values.length = 0;
        if (change !== undefined) operator.feed([{ value: { group, change }, key: group }], isLeft ? 0 : 1);
        for (const each of operator.values as GroupedChange[]) {
          expect(each.group).toBe(group);
          table.joined.apply([each.change]);
        }

        expect(table.joined.rows).toEqual(joined(table.lefts, table.rights, variant));
        if (!isTakenDown) continue;
        operator.snapshot();
        await operator.start();
      }
    }),
    { seed: 4, numRuns: 40 },
  );
});

/** The rows of a group on both sides, and what the join has made of them. */
class Table {
  readonly lefts = new Map<Key, Row>();
  readonly rights = new Map<Key, Row>();
  readonly joined = new TableContent<unknown>();
}

function joined(lefts: Rows, rights: Rows, variant: (typeof variants)[number]): ReadonlyMap<Key, unknown> {
  const all = [...lefts].map(([key, left]) => [key, pair(left, nearest(left, rights, variant))] as const);
  return new Map(all.filter(([, { right }]) => right !== null || variant.type === "left"));
}

/** Of the rows that are allowed those of the nearest time, of those the first by rank, and by key. */
function nearest(
  { at }: Row,
  rights: Rows,
  { direction, strict, hasTies }: (typeof variants)[number],
): Row | undefined {
  const allowed = [...rights].filter(([, right]) => {
    const time = rightTime(right);
    if (time === at) return !strict;
    return direction === "before" ? time < at : time > at;
  });
  const distance = Math.min(...allowed.map(([, right]) => Math.abs(rightTime(right) - at)));
  const tied = allowed.filter(([, right]) => Math.abs(rightTime(right) - at) === distance);
  const least = Math.min(...tied.map(([, { rank }]) => rank));
  const first = hasTies ? tied.filter(([, { rank }]) => rank === least) : tied;
  return first.toSorted(([left], [right]) => Number(left) - Number(right))[0]?.[1];
}
