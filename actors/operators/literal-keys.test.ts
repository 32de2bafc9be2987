import { expect, test } from "vitest";
import { literalKeys } from "./literal-keys.ts";

const given = { a: 1, b: 2 };
const list = [1, 2];

test.each<[string, (...given: never[]) => unknown, readonly string[]]>([
  ["an arrow", (index: number) => ({ id: index, name: "x" }), ["id", "name"]],
  ["an arrow with a body", (index: number) => { return { id: index }; }, ["id"]], // biome-ignore format: one line
  ["a function", function made(index: number) { return { id: index, half: index / 2 }; }, ["id", "half"]], // biome-ignore format: one line
  ["fields of its parameter", ({ a, b }: { a: number; b: number }) => ({ a, sum: a + b, b }), ["a", "sum", "b"]],
  ["values that hold braces and commas", () => ({ a: { c: [1, 2] }, b: list.map((at) => [at, { at }]) }), ["a", "b"]],
  ["texts and comments that do", () => ({ a: "}, x: {", /* }, y: { */ b: '\'}' }), ["a", "b"]], // biome-ignore format: quotes
  ["a comma behind the last", new Function("return (x) => ({ a: x, b: x, })")(), ["a", "b"]],
  ["divisions", (x: number) => ({ a: (x + 1) / 2, b: list[0]! / x / 3 }), ["a", "b"]],
])("are sure of %s", (_, fn, keys) => {
  expect(literalKeys(fn)).toEqual(keys);
});

const functionOf = (text: string) => new Function("given", "x", `return ${text}`)(given, 1) as () => unknown;

test.each([
  ["a spread", "() => ({ ...given })"],
  ["a computed key", "() => ({ a: 1, [x]: 2 })"],
  ["a key that is a number", "() => ({ 1: 1, a: 2 })"],
  ["a key in quotes", "() => ({ 'a b': 1 })"],
  ["a getter", "() => ({ get a() { return 1 } })"],
  ["a method", "() => ({ a() { return 1 } })"],
  ["the prototype", "() => ({ __proto__: given, a: 1 })"],
  ["a key that is there twice", "() => ({ a: 1, a: 2 })"],
  ["no keys", "() => ({})"],
  ["another value", "() => given"],
  ["a block", "() => { a: 1 }"],
  ["one of two literals", "() => ({ a: 1 }, { b: 2 })"],
  ["a field of a literal", "() => ({ a: { b: 1 } }).a"],
  ["a condition", "() => { if (x) return { a: 1 }; return { b: 1 }; }"],
  ["a condition in front", "() => x ? ({ a: 1 }) : given"],
  ["a condition behind", "() => ({ a: 1 }) && given"],
  ["a return that ends with its line", "() => { return\n{ a: 1 } }"],
  ["an async function", "async () => ({ a: 1 })"],
  ["a generator", "function* () { return { a: 1 }; }"],
  ["a template", "() => ({ a: `}, b: {`, ...given })"],
  ["a regular expression", "() => ({ a: /}/.test('x'), b: 1 })"],
  ["a regular expression behind a condition", "() => ({ a: () => { if (x) /[{]/.test('x') }, ...given, b: '/}' })"],
  ["a name with escapes", "() => ({ \\u0061: 1 })"],
  ["a bound function", "(() => ({ a: 1 })).bind()"],
  ["a class", "class { constructor() { return { a: 1 }; } }"],
])("are not sure of %s", (_, text) => {
  expect(literalKeys(functionOf(text))).toBeUndefined();
});
