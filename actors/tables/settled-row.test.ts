import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import type { Change } from "./change.ts";
import { TableContent } from "./fixtures/table-content.ts";
import { settle } from "./settled-row.ts";

const shownIn = (rows: Map<Key, unknown>) => ({
  all: () => rows,
  set: (group: Key, row: unknown) => void rows.set(group, row),
  delete: (group: Key) => rows.delete(group),
});

test("a row that moves between groups ends where it is, whatever order their changes come in", () => {
  const moves = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(moves, fc.boolean(), fc.infiniteStream(fc.nat()), (groups, isDeleted, choices) => {
      // What each group says of the row while it moves through them.
      const said = new Map<number, Change[]>([0, 1, 2].map((group) => [group, []]));
      let current: { readonly group: number; readonly row: string } | undefined;
      const target = [...groups, ...(isDeleted ? [undefined] : [])];
      for (const [index, group] of target.entries()) {
        const row = `${group} at ${index}`;
        if (current !== undefined && current.group === group) {
          said.get(group)?.push({ kind: "update", key: "k", before: current.row, after: row });
        } else {
          if (current !== undefined) said.get(current.group)?.push({ kind: "delete", key: "k", before: current.row });
          if (group !== undefined) said.get(group)?.push({ kind: "insert", key: "k", after: row });
        }
        current = group === undefined ? undefined : { group, row };
      }

      const content = new TableContent<unknown>();
      const shown = shownIn(new Map<Key, unknown>());
      for (let open = [...said]; open.length > 0; open = open.filter(([, changes]) => changes.length > 0)) {
        const choice = open[choices.next().value % open.length];
        const change = choice?.[1].shift();
        if (choice === undefined || change === undefined) continue;
        const settled = settle(shown, choice[0], change);
        if (settled !== undefined) content.apply([settled]);
      }

      expect([...content.rows.values()]).toEqual(current === undefined ? [] : [current.row]);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("what a group takes back that another has taken over changes nothing", () => {
  const shown = shownIn(new Map<Key, unknown>([["old", 1]]));

  expect(settle(shown, "new", { kind: "insert", key: "k", after: 2 })).toEqual({
    kind: "update",
    key: "k",
    before: 1,
    after: 2,
  });
  expect(settle(shown, "old", { kind: "delete", key: "k", before: 1 })).toBeUndefined();
});
