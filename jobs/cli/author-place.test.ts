import { expect, test } from "vitest";
import { authorPlace } from "./author-place.ts";

const root = new URL("../../", import.meta.url).href;

test("the first place that is in no package, not in millrace and not in Node", () => {
  const stack = [
    "TypeError: no such field",
    "    at async function (node:internal/modules/run:1:2)",
    `    at new OptionError (${root}runtime/errors/option-error.ts:14:5)`,
    "    at Object.parse (file:///app/node_modules/zod/parse.js:1:2)",
    "    at Array.map (<anonymous>)",
    "    at describe (file:///app/my%20jobs/traffic.job.ts:8:24)",
    "    at file:///app/main.ts:1:1",
  ];

  expect(authorPlace(stack.join("\n"))).toBe("/app/my jobs/traffic.job.ts:8:24");
  expect(authorPlace(stack.toSpliced(5, 1).join("\n"))).toBe("/app/main.ts:1:1");
  expect(authorPlace(stack.slice(0, 5).join("\n"))).toBeUndefined();
});

test("a place that awaits at the top of a module is one, like any other", () => {
  const stack = ["Error: x", "    at new OptionError (node:internal:1:2)", "    at async file:///app/main.ts:4:9"];

  expect(authorPlace(stack.join("\n"))).toBe("/app/main.ts:4:9");
});

test("a module that is not found was not looked for by its author in what resolves modules", () => {
  const stack = "Error: Cannot find package 'zod'\n    at nextResolve (file:///app/.packing/load-packed.mjs:21:58)";

  expect(authorPlace(stack)).toBeUndefined();
});

test("what does not parse stands in front of its stack", () => {
  const stack =
    "file:///app/traffic.job.ts:3\n  const = 1;\n        ^\n\nSyntaxError: Unexpected token '='\n    at compile (node:vm:1:2)";

  expect(authorPlace(stack)).toBe("/app/traffic.job.ts:3");
});

test("an error without a stack comes from nowhere", () => {
  expect(authorPlace("")).toBeUndefined();
  expect(authorPlace("Error: file:///app/a.ts:1:1 is wrong")).toBeUndefined();
});
