import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { rowSteps } from "./fixtures/random-rows.ts";
import { TableContent } from "./fixtures/table-content.ts";
import { type ArrivedRow, RankedRows, type RankedRowsOptions, type Ranking } from "./ranked-rows.ts";

interface Scored {
  readonly score: number;
}
interface Ranked extends Scored {
  readonly rank: number;
}

function options(ranking: Ranking, count: number, offset = 0): RankedRowsOptions<Scored, Ranked> {
  return { ranking, count, offset, order: (a, b) => a.score - b.score, result: ({ score }, rank) => ({ score, rank }) };
}

/** The same from nothing but the rows: sorted, numbered, and cut out. */
function naive(
  rows: ReadonlyMap<Key, ArrivedRow<Scored>>,
  { ranking, count, offset }: RankedRowsOptions<Scored, Ranked>,
) {
  const sorted = [...rows].sort(([, a], [, b]) => a.row.score - b.row.score || a.arrival - b.arrival);
  const scores = sorted.map(([, { row }]) => row.score);
  const ranked = sorted.map(([key, { row }], index): readonly [Key, Ranked] => {
    const rank = {
      "row-number": index + 1,
      rank: scores.filter((score) => score < row.score).length + 1,
      "dense-rank": new Set(scores.filter((score) => score < row.score)).size + 1,
    }[ranking];
    return [key, { score: row.score, rank }];
  });
  return ranked.filter(([, { rank }]) => rank > offset && rank <= offset + count);
}

test.each(["row-number", "rank", "dense-rank"] as const)(
  "%s: what changes add up to is what the rows say",
  (ranking) => {
    const steps = rowSteps(fc.record({ score: fc.integer({ min: 0, max: 4 }) }, { noNullPrototype: true }));
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }), (all, count, offset) => {
        const chosen = options(ranking, count, offset);
        let ranked = new RankedRows(chosen);
        const content = new TableContent<Ranked>();
        const kept = new Map<Key, ArrivedRow<Scored>>();
        for (const [index, { key, row }] of all.entries()) {
          const before = kept.get(key);
          const after = row === undefined ? undefined : ranked.arrived(row, before);
          const changes = ranked.replace(key, before, after);
          if (after === undefined) kept.delete(key);
          else kept.set(key, after);
          content.apply(changes);

          expect(content.rows).toEqual(new Map(naive(kept, chosen)));
          expect(ranked.isEmpty).toBe(kept.size === 0);
          expect(ranked.first).toEqual(naive(kept, chosen)[0]?.[1]);
          // What is known from the rows alone is known again behind a restart.
          if (index % 5 === 0) ranked = new RankedRows(chosen, kept);
        }
      }),
      { seed: 1, numRuns: 400 },
    );
  },
);

function put(rows: RankedRows<Scored, Ranked>, key: Key, score: number) {
  return rows.replace(key, undefined, rows.arrived({ score }, undefined));
}

test("a row that falls out is taken away before the one that takes its place comes", () => {
  const rows = new RankedRows(options("row-number", 1));
  put(rows, "a", 5);

  expect(put(rows, "b", 3)).toEqual([
    { kind: "delete", key: "a", before: { score: 5, rank: 1 } },
    { kind: "insert", key: "b", after: { score: 3, rank: 1 } },
  ]);
});

test("of tied rows the one that came first is the first, also when it changes and stays tied", () => {
  const order = (a: { score: number }, b: { score: number }) => a.score - b.score;
  const rows = new RankedRows({ ranking: "row-number", count: 1, offset: 0, order, result: (row: Scored) => row });
  const first = rows.arrived({ score: 1 }, undefined);
  rows.replace("a", undefined, first);
  rows.replace("b", undefined, rows.arrived({ score: 1 }, undefined));

  const changed = rows.arrived({ score: 1 }, first);
  rows.replace("a", first, changed);

  expect(changed.arrival).toBe(first.arrival);
  expect(rows.first).toBe(changed.row);
  expect(rows.arrived({ score: 0 }, changed).arrival).toBeGreaterThan(first.arrival + 1);
});

test("an order that contradicts itself is refused when a row is not found again", () => {
  let sign = 1;
  const rows = new RankedRows<Scored, Scored>({
    ranking: "row-number",
    count: 1,
    offset: 0,
    order: (a, b) => sign * (a.score - b.score),
    result: (row) => row,
  });
  const kept = [1, 2, 3].map((score) => rows.arrived({ score }, undefined));
  for (const [key, row] of kept.entries()) rows.replace(key, undefined, row);

  sign = -1;

  expect(() => rows.replace(0, kept[0], undefined)).toThrow(expect.objectContaining({ code: "ERR_ACT_ROW_ORDER" }));
});
