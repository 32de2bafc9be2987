/** What is stored of packed state is what is stored of objects. */

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../runtime/index.ts";
import type { Key } from "../../batch.ts";
import { decodeDelta, encodeDelta } from "../../epochs/state-delta.ts";
import { type Fold, foldOperator } from "../../operators/fold.ts";
import { OperatorHarness } from "../../testing/operator-harness.ts";
import { RestartingOperator } from "../fixtures/restarting-operator.ts";
import { withObjectKeysMax } from "./object-keys.ts";

type Step = Pick<Fold<unknown>, "first" | "next">;

const values: readonly (readonly [string, Step])[] = [
  ["numbers", { first: () => 1, next: (count) => (count as number) + 1 }],
  ["records in records", { first: (value) => ({ of: { value } }), next: (_, value) => ({ times: 2, of: { value } }) }],
  [
    "lists",
    { first: (value) => [value, "text"], next: (list, value) => [...(list as unknown[]), { value }].slice(-5) },
  ],
  ["some of any kind", { first: (value) => anyOf(value as number), next: (_, value) => anyOf((value as number) + 3) }],
];

function anyOf(value: number): unknown {
  return [-0.5, null, undefined, true, "€".repeat(20_000), 2n ** 80n, /x/, new Date(5), new Map([[value, "x"]])][
    value % 9
  ];
}

const keys: readonly (readonly [string, (number: number) => Key])[] = [
  ["numbers", (number) => number / 2 - 10],
  ["short texts and long ones", (number) => "longer and ".repeat(number % 30) + number],
  ["texts that are not ASCII", (number) => (number % 2 === 0 ? `é${number}` : `ключ ${number}`)],
  ["some of any kind", (number) => [BigInt(number), number % 2 === 0, "x".repeat(40_000) + number][number % 3] as Key],
];

const all = values.flatMap(([value, step]) => keys.map(([key, keyOf]) => ({ value, step, key, keyOf })));

describe.each(all)("$value by keys that are $key", ({ step, keyOf }) => {
  const operator = foldOperator({ ...step, kind: "scan", keyedResult: () => 0, wholeResult: () => 0 }, { emit: "end" });

  async function stored() {
    const harness = await OperatorHarness.open(operator, { guarantee: "exactly-once" });
    const random = new SeededRandom(7);
    const told: unknown[] = [];
    for (let epoch = 1; epoch < 4; epoch += 1) {
      const numbers = Array.from({ length: 60 }, () => Math.floor(random.next() * 40));
      harness.feed(numbers.map((value) => ({ value, key: keyOf(value), ...(epoch === 3 ? {} : { time: value }) })));
      const [columns] = decodeDelta(encodeDelta("op", await harness.barrier(epoch)));
      const { name, form, removed } = columns!;
      told.push({
        name,
        form,
        removed,
        values: new Map(columns!.keys.map((key, index) => [key, columns!.values[index]])),
      });
    }
    return told;
  }

  test("as objects", async () => {
    expect(await withObjectKeysMax(0, stored)).toEqual(await stored());
  });

  test("in about as many bytes", async () => {
    const lengths = async () => {
      const restarting = new RestartingOperator(operator);
      await restarting.start();
      return Array.from({ length: 3 }, (_, round) => {
        restarting.feed(Array.from({ length: 40 }, (_, value) => ({ value: value + round, key: keyOf(value) })));
        restarting.snapshot();
        return restarting.bytesOfLastSnapshot;
      });
    };

    // Shapes are numbered as they come, and that is another order.
    const most = (await lengths()).map((length) => length + 50);
    for (const [index, length] of (await withObjectKeysMax(0, lengths)).entries())
      expect(length).toBeLessThan(most[index]!);
  });
});
