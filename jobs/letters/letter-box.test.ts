import fc from "fast-check";
import { expect, test } from "vitest";
import { type EventDeadLetter, letterBytes } from "../../actors/index.ts";
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

test("whatever comes, waits, goes and is dropped, what is kept is what a list keeps that is walked through each time", () => {
  const someIds = fc.array(fc.nat(30).map(String), { maxLength: 4 });
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("change" as const), sizes: fc.array(fc.nat(300), { maxLength: 9 }), ids: someIds }),
      fc.record({ kind: fc.constant("wish" as const), ids: someIds }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 300, max: 3_000 }),
      steps,
      (keptMax, bytesMax, drawn) => {
        const box = new LetterBox(keptMax, bytesMax);
        let list: readonly EventDeadLetter[] = [];
        let [count, droppedCount] = [0, 0];
        const wished = new Set<string>();
        for (const step of drawn) {
          if (step.kind === "wish") {
            box.wish(step.ids);
            for (const { id } of list) if (step.ids.includes(id)) wished.add(id);
            continue;
          }
          const letters = step.sizes.map((size, index) => letterOf(String(count + index), "x".repeat(size)));
          count += letters.length;

          box.apply(box.change(letters, step.ids));

          let kept = [...list.filter(({ id }) => !step.ids.includes(id)), ...letters];
          const fits = () =>
            kept.length <= keptMax && kept.reduce((sum, letter) => sum + letterBytes(letter), 0) <= bytesMax;
          while (!fits()) {
            const oldest = kept.find(({ id }) => !wished.has(id)) ?? kept[0];
            kept = kept.filter((letter) => letter !== oldest);
            droppedCount += 1;
          }
          list = kept.filter(({ id }) => !step.ids.includes(id));
          expect([idsOf(box.list()), box.droppedCount]).toEqual([idsOf(list), droppedCount]);
        }
      },
    ),
    { numRuns: 200 },
  );
});
