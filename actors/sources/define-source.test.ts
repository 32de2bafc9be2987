import { expect, test } from "vitest";
import type { SourceReader } from "../source.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { defineSource, type SourceDefinition } from "./define-source.ts";

/** The example of the documentation. */
const countdown = (from: number) =>
  defineSource<number>({
    kind: "countdown",
    bounded: true,
    replayable: true,
    create: () => {
      let next = from;
      return {
        open: (_context, position) => {
          if (typeof position === "number") next = position;
        },
        poll: (output, eventCountMax) => {
          for (let count = 0; count < eventCountMax && next > 0; count += 1) {
            output.emit(next);
            next -= 1;
          }
          return next > 0 ? "more" : "end";
        },
        position: () => next,
      };
    },
  });

test("a source of one's own is read like any other", async () => {
  const first = await SourceHarness.open(countdown(5));
  await first.toCount(2);
  const rest = await SourceHarness.readAll(countdown(5), { position: first.position() });

  expect([first.events, rest.events]).toEqual([
    [5, 4],
    [3, 2, 1],
  ]);
});

const reader: SourceReader<number> = { open: () => {}, poll: () => "end" };

test.each([
  ["kind", { kind: "" }],
  ["origin", { origin: 7 }],
  ["bounded", { bounded: 1 }],
  ["replayable", { replayable: "yes" }],
  ["seeks", { replayable: true, seeks: 1 }],
  ["seeks", { seeks: true }],
  ["acknowledging", { acknowledging: 1 }],
  ["create", { create: reader }],
])("refuses %s that is not allowed, naming it", (name, changes) => {
  const definition = { kind: "mine", create: () => reader, ...changes } as unknown as SourceDefinition<number>;
  const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`defineSource: ${name}`) };
  expect(() => defineSource(definition)).toThrow(expect.objectContaining(expected));
});

test.each([
  ["no reader", {}, {}],
  ["a reader without position, of a replayable source", reader, { replayable: true }],
  ["a reader without position, of an acknowledging source", reader, { acknowledging: true }],
  ["a reader without acknowledge", { ...reader, position: () => 1 }, { acknowledging: true }],
])("refuses %s when it is made", (_name, made, options) => {
  const spec = defineSource({ kind: "mine", ...options, create: () => made as SourceReader<number> });
  expect(() => spec.create()).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});
