import { describe, expect, test } from "vitest";
import type { Position, SourceSpec } from "../source.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { concat } from "./concat.ts";
import { fromIterable } from "./from-iterable.ts";
import { generate } from "./generate.ts";

const numbers = (from: number, to: number) =>
  fromIterable(() => Array.from({ length: to - from }, (_, index) => from + index));

/** History up to 9, and what is live from 6 on. */
const overlapping = () => concat(numbers(0, 10), numbers(6, 15), { seam: (number) => number });
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

describe("history and what is live", () => {
  test("is read one after the other, and where they overlap once", async () => {
    expect((await SourceHarness.readAll(overlapping())).events).toEqual(upTo(15));
    expect((await SourceHarness.readAll(overlapping(), { eventCountMax: 2 })).events).toEqual(upTo(15));
  });

  test("is read whole where it does not overlap", async () => {
    expect((await SourceHarness.readAll(concat(numbers(0, 3), numbers(3, 5)))).events).toEqual(upTo(5));
    expect((await SourceHarness.readAll(concat(numbers(0, 3), numbers(0, 2)))).events).toEqual([0, 1, 2, 0, 1]);
  });

  test("goes on from any position, without a gap and without an event twice", async () => {
    for (let polls = 0; polls <= 16; polls += 1) {
      const first = await SourceHarness.open(overlapping());
      for (let poll = 0; poll < polls; poll += 1) first.poll(1);
      const position: Position = structuredClone(first.position());
      const seen = [...first.events];
      await first.close();

      const rest = await SourceHarness.readAll(overlapping(), { position });

      expect([...seen, ...rest.events]).toEqual(upTo(15));
    }
  });

  test("is open on both sides before the first event", async () => {
    const opened: string[] = [];
    const noted = (name: string, spec: SourceSpec<number>): SourceSpec<number> => ({
      ...spec,
      create: () => {
        const reader = spec.create();
        const open = reader.open.bind(reader);
        reader.open = (context, position) => {
          opened.push(name);
          return open(context, position);
        };
        return reader;
      },
    });

    const harness = await SourceHarness.open(concat(noted("history", numbers(0, 1)), noted("live", numbers(1, 2))));

    expect(opened).toEqual(["live", "history"]);
    await harness.close();
  });
});

test("acknowledges what is live, and nothing of history", async () => {
  const acknowledged: Position[] = [];
  const plain = numbers(3, 6);
  const live: SourceSpec<number> = {
    ...plain,
    acknowledging: true,
    create: () =>
      Object.assign(plain.create(), { acknowledge: (position: Position) => void acknowledged.push(position) }),
  };
  const spec = concat(numbers(0, 3), live);
  expect(spec.acknowledging).toBe(true);

  const reader = spec.create();
  await reader.acknowledge?.({ position: 2, isLive: false, seam: undefined });
  await reader.acknowledge?.({ position: 4, isLive: true, seam: undefined });

  expect(acknowledged).toEqual([4]);
});

test.each<[string, (number: number) => never]>([
  ["missing", () => undefined as never],
  ["no number", () => Number.NaN as never],
  ["of two types", (number) => (number < 2 ? number : String(number)) as never],
])("a seam that is %s is refused", async (_, seam) => {
  await expect(SourceHarness.readAll(concat(numbers(0, 3), numbers(3, 4), { seam }))).rejects.toMatchObject({
    code: "ERR_ACT_SEAM",
  });
});

test("history without an end is refused, and more than one instance", async () => {
  expect(() => concat(generate({}), numbers(0, 1))).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  await expect(SourceHarness.open(overlapping(), { parallelism: 2 })).rejects.toMatchObject({
    code: "ERR_ACT_PARALLELISM",
  });
});
