import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { rowSteps } from "./fixtures/random-rows.ts";
import { TableContent } from "./fixtures/table-content.ts";
import { type AsOfDirection, NearestRows, type NearestRowsOptions, type TimedRow } from "./nearest-rows.ts";

interface Row {
  readonly time: number;
  readonly tie: number;
}
type Joined = readonly [left: Row, right: Row | null];

/** The nearest one, by looking at all. */
function nearest(
  time: number,
  rights: ReadonlyMap<Key, Row>,
  { direction, strict }: NearestRowsOptions<Row, Row, Joined>,
): Row | undefined {
  const sign = direction === "before" ? 1 : -1;
  const allowed = [...rights].filter(([, row]) => {
    const distance = sign * (time - row.time);
    return strict ? distance > 0 : distance >= 0;
  });
  const sorted = allowed.sort(([leftKey, left], [rightKey, right]) => {
    const byTime = Math.abs(time - left.time) - Math.abs(time - right.time);
    return byTime || left.tie - right.tie || Number(leftKey) - Number(rightKey);
  });
  return sorted[0]?.[1];
}

const variants = (["inner", "left"] as const).flatMap((type) =>
  (["before", "after"] as const).flatMap((direction) => [true, false].map((strict) => ({ type, direction, strict }))),
);

/** As rows are; with other prototypes they would not be the same. */
const plain = { noNullPrototype: true };

function timed(row: Row | undefined): TimedRow<Row> | undefined {
  return row && { row, time: row.time };
}

test.each(variants)("$type, $direction, strict $strict: what changes add up to is what the rows say", (variant) => {
  const options: NearestRowsOptions<Row, Row, Joined> = {
    ...variant,
    ties: (left, right) => left.tie - right.tie,
    result: (left, right) => [left, right ?? null],
  };
  const row = fc.record({ time: fc.integer({ min: 0, max: 6 }), tie: fc.integer({ min: 0, max: 2 }) }, plain);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), rowSteps(row)), { maxLength: 8 }), (runs) => {
      const content = new TableContent<Joined>();
      const lefts = new Map<Key, Row>();
      const rights = new Map<Key, Row>();
      let rows = new NearestRows(options);
      for (const [isLeft, steps] of runs) {
        for (const { key, row: after } of steps) {
          const side = isLeft ? lefts : rights;
          const [before, next] = [timed(side.get(key)), timed(after)];
          content.apply(isLeft ? rows.replaceLeft(key, before, next) : rows.replaceRight(key, before, next));
          if (after === undefined) side.delete(key);
          else side.set(key, after);

          const expected = [...lefts].flatMap(([leftKey, left]): [Key, Joined][] => {
            const right = nearest(left.time, rights, options);
            return right === undefined && variant.type === "inner" ? [] : [[leftKey, [left, right ?? null]]];
          });
          expect(content.rows).toEqual(new Map(expected));
        }
        rows = new NearestRows(options, timedRows(lefts), timedRows(rights));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

function timedRows(rows: ReadonlyMap<Key, Row>): Map<Key, TimedRow<Row>> {
  return new Map([...rows].map(([key, row]) => [key, { row, time: row.time }]));
}

test("a row on the right looks at the rows on the left that it is the nearest of, and at no other", () => {
  let looks = 0;
  const direction: AsOfDirection = "before";
  const rows = new NearestRows<Row, Row, Joined>({
    type: "left",
    direction,
    strict: false,
    ties: () => 0,
    result: (left, right) => {
      looks += 1;
      return [left, right ?? null];
    },
  });
  for (let time = 0; time < 1_000; time += 1) rows.replaceLeft(time, undefined, { row: { time, tie: 0 }, time });
  for (let time = 0; time < 1_000; time += 10) rows.replaceRight(time, undefined, { row: { time, tie: 0 }, time });

  looks = 0;
  rows.replaceRight("new", undefined, { row: { time: 505, tie: 0 }, time: 505 });

  expect(looks).toBe(2 * 6);
});
