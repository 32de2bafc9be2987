import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import type { JoinType } from "../joins/join-type.ts";
import { rowSteps } from "./fixtures/random-rows.ts";
import { TableContent } from "./fixtures/table-content.ts";
import { type JoinedRowsOptions, leftReplaced, rightReplaced } from "./joined-rows.ts";

type Joined = readonly [left: string | null, right: string | null];
const types: readonly JoinType[] = ["inner", "left", "right", "full"];
const group = "r";

/** All that is shown of one row on the right and those on the left that refer to it. */
function naive(type: JoinType, lefts: ReadonlyMap<Key, string>, right: string | undefined): readonly Joined[] {
  const pairs = [...lefts.values()].flatMap((left): readonly Joined[] => {
    if (right !== undefined) return [[left, right]];
    return type === "left" || type === "full" ? [[left, null]] : [];
  });
  const isAlone = right !== undefined && lefts.size === 0 && (type === "right" || type === "full");
  return isAlone ? [[null, right]] : pairs;
}

test.each(
  types.flatMap((type) => [
    { type, by: "a foreign key", leftKeyMax: 4 },
    { type, by: "the key", leftKeyMax: 0 },
  ]),
)("$type by $by: what changes add up to is what the rows say", ({ type, by, leftKeyMax }) => {
  const isByKey = by === "the key";
  const options: JoinedRowsOptions<string, string, Joined> = {
    type,
    result: (left, right) => [left ?? null, right ?? null],
    keyOfLeft: (left) => (isByKey ? group : `left ${left}`),
    keyOfRight: (right) => (isByKey ? right : `right ${right}`),
  };
  const text = fc.constantFrom("x", "y", "z");
  const step = fc.tuple(fc.boolean(), rowSteps(text, leftKeyMax));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (runs) => {
      const content = new TableContent<Joined>();
      const lefts = new Map<Key, string>();
      let right: string | undefined;
      for (const [isLeft, steps] of runs) {
        for (const { key, row: after } of steps) {
          if (isLeft) {
            const facts = { key: group, row: right, leftCount: lefts.size };
            content.apply(leftReplaced(options, { key, before: lefts.get(key), after }, facts));
            if (after === undefined) lefts.delete(key);
            else lefts.set(key, after);
          } else {
            content.apply(rightReplaced(options, lefts, { key: group, before: right, after }));
            right = after;
          }

          expect([...content.rows.values()].sort()).toEqual([...naive(type, lefts, right)].sort());
        }
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("by the key of both, a partner that comes is one update", () => {
  const options: JoinedRowsOptions<string, string, Joined> = {
    type: "full",
    result: (left, right) => [left ?? null, right ?? null],
    keyOfLeft: () => group,
    keyOfRight: () => group,
  };

  expect(
    leftReplaced(options, { key: group, before: undefined, after: "l" }, { key: group, row: "r", leftCount: 0 }),
  ).toEqual([{ kind: "update", key: group, before: [null, "r"], after: ["l", "r"] }]);
});
