import type { StandardSchemaV1 } from "@standard-schema/spec";
import { expect, test } from "vitest";
import { z } from "zod";
import { OperatorDriver } from "../testing/operator-driver.ts";
import { type ParseOptions, parse } from "./parse.ts";

const vehicle = z.object({ type: z.string(), at: z.coerce.number(), tags: z.array(z.string()).default([]) });

async function run(values: readonly unknown[], options: ParseOptions = {}, schema: StandardSchemaV1 = vehicle) {
  const driver = await OperatorDriver.open(parse(schema, options));
  driver.give(values);
  return driver;
}

test("emits what the schema makes of a value", async () => {
  const { results } = await run([{ type: "car", at: "12", color: "red" }]);
  expect(results).toEqual([{ type: "car", at: 12, tags: [] }]);
});

test("a value that does not fit becomes a dead letter that says why and where", async () => {
  const bad = { type: 7, at: 1, tags: ["a", 2] };

  const { results, context } = await run([{ type: "car", at: 1 }, bad, { type: "van", at: 2 }]);

  expect(results).toHaveLength(2);
  expect(context.deadLetters).toEqual([
    { value: bad, error: expect.objectContaining({ code: "ERR_ACT_INVALID_INPUT" }) },
  ]);
  expect(String(context.deadLetters[0]!.error)).toMatch(/type: .*string.*; tags\.1: .*string/);
});

test("fails the event, or asks a function, when told to", async () => {
  await expect(run([1], { onInvalid: "fail" })).rejects.toMatchObject({ code: "ERR_ACT_INVALID_INPUT" });
  const handed: unknown[] = [];
  await run([1], { onInvalid: (_error, raw) => handed.push(raw) });
  expect(handed).toEqual([1]);
});

test("refuses a schema that answers with a promise, at the event", async () => {
  const slow = z.string().refine(async () => true);
  await expect(run(["a"], {}, slow)).rejects.toMatchObject({ code: "ERR_ACT_SCHEMA_ASYNC" });
});

test("takes any Standard Schema", async () => {
  const even: StandardSchemaV1<unknown, number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => (Number(value) % 2 === 0 ? { value: Number(value) } : { issues: [{ message: "odd" }] }),
    },
  };

  const { results, context } = await run([1, "2", 3, 4], {}, even);

  expect(results).toEqual([2, 4]);
  expect(context.deadLetters.map(({ value }) => value)).toEqual([1, 3]);
});

test.each([undefined, {}, { "~standard": { version: 2 } }])("refuses %j, which is no schema", (schema) => {
  expect(() => parse(schema as StandardSchemaV1)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});
