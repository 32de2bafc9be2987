import { expect, test } from "vitest";
import type { EventDeadLetter } from "../../actors/index.ts";
import { snapshotOf } from "../epochs/fixtures/snapshots.ts";
import { LetterBox } from "./letter-box.ts";

function letterOf(id: string, value: unknown = id): EventDeadLetter {
  return {
    id,
    to: "millrace://test/job/check/0",
    operator: "check",
    instance: 0,
    value,
    key: undefined,
    time: undefined,
    input: 0,
    error: { name: "Error", classNames: ["Error"], message: "no" },
    attempts: 1,
    batchIndex: 0,
    epoch: 1,
    atMs: 0,
    resubmittable: true,
  };
}

function boxWith(keptMax: number, ids: readonly string[], bytesMax?: number): LetterBox {
  const box = new LetterBox(keptMax, bytesMax);
  box.apply(
    box.change(
      ids.map((id) => letterOf(id)),
      [],
    ),
  );
  return box;
}

const idsOf = (letters: readonly EventDeadLetter[]) => letters.map(({ id }) => id).join("");

test("letters come with the checkpoint of their epoch, and go with that in which they took effect (L1)", () => {
  const box = boxWith(10, ["a", "b"]);
  box.wish(["a", "unknown"]);
  expect([idsOf(box.list()), idsOf(box.wished())]).toEqual(["ab", "a"]);

  const change = box.changeOf(
    new Map([
      ["0/0", [{ ...snapshotOf(2), resubmitted: ["a"] }]],
      ["1/0", [{ ...snapshotOf(2), deadLetters: { letters: [letterOf("c")], unkeptCount: 0 } }]],
    ]),
  );
  expect(idsOf(box.list())).toBe("ab");
  box.apply(change);

  expect([idsOf(box.list()), idsOf(box.wished())]).toEqual(["bc", ""]);
  expect(change.added.map(({ number }) => number)).toEqual([3]);
});

test("what was deleted is not to be seen, and goes with the next checkpoint", () => {
  const box = boxWith(10, ["a", "b"]);
  box.wish(["a"]);
  box.delete(["a"]);

  expect([idsOf(box.list()), box.get("a"), idsOf(box.wished())]).toEqual(["b", undefined, ""]);
  expect(box.changeOf(new Map()).removed.map(({ letter }) => letter.id)).toEqual(["a"]);
});

test("where there is no room the oldest are dropped and counted, those that wait to be taken last", () => {
  const box = boxWith(3, ["a", "b", "c"]);
  box.wish(["a"]);
  box.apply(box.change([letterOf("d"), letterOf("e")], []));

  expect([idsOf(box.list()), box.droppedCount]).toEqual(["ade", 2]);

  box.wish(["d", "e"]);
  box.apply(box.change([letterOf("f")], []));
  expect([idsOf(box.list()), box.droppedCount]).toEqual(["ade", 3]);
});

test("there is room for so many bytes", () => {
  const [one] = boxWith(10, ["a"]).change([letterOf("a")], []).added;
  const box = boxWith(10, ["a", "b", "c"], 2 * (one?.bytes ?? 0));

  expect([idsOf(box.list()), box.droppedCount]).toEqual(["bc", 1]);
});
