import type { StandardSchemaV1 } from "@standard-schema/spec";
import { expect, test } from "vitest";
import { z } from "zod";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { type ParseOptions, parse } from "./parse.ts";

const vehicle = z.object({ type: z.string(), at: z.coerce.number(), tags: z.array(z.string()).default([]) });

async function run(values: readonly unknown[], options: ParseOptions = {}, schema: StandardSchemaV1 = vehicle) {
  const harness = await OperatorHarness.open(parse(schema, options));
  harness.feedValues(values);
  return harness;
}

test("emits what the schema makes of a value", async () => {
  const harness = await run([{ type: "car", at: "12", color: "red" }]);
  expect(harness.values()).toEqual([{ type: "car", at: 12, tags: [] }]);
});

test("a value that does not fit becomes a dead letter that says why and where", async () => {
  const bad = { type: 7, at: 1, tags: ["a", 2] };

  const harness = await run([{ type: "car", at: 1 }, bad, { type: "van", at: 2 }]);

  expect(harness.values()).toHaveLength(2);
  expect(harness.deadLetters).toEqual([
    { value: bad, error: expect.objectContaining({ code: "ERR_ACT_INVALID_INPUT" }) },
  ]);
  expect(String(harness.deadLetters[0]!.error)).toMatch(/type: .*string.*; tags\.1: .*string/);
});

test("fails the event, or asks a function, when told to", async () => {
  const { deadLetters } = await run([1], { onInvalid: "fail" });
  expect(deadLetters).toEqual([{ value: 1, error: expect.objectContaining({ code: "ERR_ACT_INVALID_INPUT" }) }]);
  const handed: unknown[] = [];
  await run([1], { onInvalid: (_error, raw) => handed.push(raw) });
  expect(handed).toEqual([1]);
});

test("refuses a schema that answers with a promise, at the event", async () => {
  const slow = z.string().refine(async () => true);
  const { deadLetters } = await run(["a"], {}, slow);
  expect(deadLetters).toEqual([{ value: "a", error: expect.objectContaining({ code: "ERR_ACT_SCHEMA_ASYNC" }) }]);
});

test("takes any Standard Schema", async () => {
  const even: StandardSchemaV1<unknown, number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => (Number(value) % 2 === 0 ? { value: Number(value) } : { issues: [{ message: "odd" }] }),
    },
  };

  const harness = await run([1, "2", 3, 4], {}, even);

  expect(harness.values()).toEqual([2, 4]);
  expect(harness.deadLetters.map(({ value }) => value)).toEqual([1, 3]);
});

test.each([undefined, {}, { "~standard": { version: 2 } }])("refuses %j, which is no schema", (schema) => {
  expect(() => parse(schema as StandardSchemaV1)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});
