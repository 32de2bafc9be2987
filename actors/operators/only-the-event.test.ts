import { expect, test } from "vitest";
import { takesOnlyTheEvent } from "./only-the-event.ts";

type Fn = (...given: never[]) => unknown;

/** From texts, so that nothing is changed on the way here. */
const made = (text: string) => new Function(`return ${text}`)() as Fn;

test.each([
  "(value) => value",
  "value => value",
  "() => 1",
  "(value   ,  ) => value",
  "({ weight: w, bridge }) => w + bridge",
  "([first, second]) => first",
  "function named(value) { return value; }",
  "function(value      )           { return value; }",
])("%s looks at nothing but the event", (text) => {
  expect(takesOnlyTheEvent(made(text))).toBe(true);
});

test.each([
  "(value, context) => context.time",
  "(...given) => given[1]",
  "(value, ...rest) => rest[0]",
  "(value, context = undefined) => context",
  "(value = 1) => value",
  "({ weight = 1 }) => weight",
  "function (value) { return arguments[1]; }",
  'function (value) { return eval("argu" + "ments")[1]; }',
  "function (value) { return \\u0061rguments[1]; }",
  "async (value, context) => context",
  "({ method(value, context) { return context; } }).method",
  "(function (value, context) { return context; }).bind(undefined)",
  "class { constructor(value) {} }",
])("%s may look at more, or is not known", (text) => {
  expect(takesOnlyTheEvent(made(text))).toBe(false);
});

test("a function of the engine is not known", () => {
  expect(takesOnlyTheEvent(Math.abs)).toBe(false);
});
