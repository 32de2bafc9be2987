import { describe, expect, test } from "vitest";
import { sourceFile } from "./source-file.ts";

const specifiers = (text: string) => sourceFile("a.ts", text).imports.map((found) => found.specifier);
const code = (text: string) => sourceFile("a.ts", text).code;

describe("imports", () => {
  test("finds every form of import and re-export", () => {
    const text = [
      'import "reflect-metadata";',
      'import fs from "node:fs";',
      "import { a, b as c } from './one.ts';",
      "import {\n  d,\n  e,\n} from './two.ts';",
      'import * as all from "./three.ts";',
      'export { f } from "./four.ts";',
      'export * from "./five.ts";',
      'const six = await import("./six.ts");',
      "const seven = import(`./seven.ts`);",
      'import data from "./eight.json" with { type: "json" };',
    ].join("\n");

    const found = specifiers(text);

    expect(found).toEqual([
      "reflect-metadata",
      "node:fs",
      "./one.ts",
      "./two.ts",
      "./three.ts",
      "./four.ts",
      "./five.ts",
      "./six.ts",
      "./seven.ts",
      "./eight.json",
    ]);
  });

  test("names the line an import starts on", () => {
    const text = 'const a = 1;\n\nimport { b } from "./b.ts";\nimport {\n c } from "./c.ts";\n';

    expect(sourceFile("a.ts", text).imports.map((found) => found.line)).toEqual([3, 4]);
  });

  test("tells type imports from value imports", () => {
    const text = [
      'import type { A } from "./a.ts";',
      'export type { B } from "./b.ts";',
      'import { type C } from "./c.ts";',
      'import type from "./d.ts";',
      'import { value } from "./e.ts";',
    ].join("\n");

    expect(sourceFile("a.ts", text).imports.map((found) => found.kind)).toEqual([
      "type",
      "type",
      "value",
      "value",
      "value",
    ]);
  });

  test("finds files that another thread loads by URL", () => {
    const text = 'new URL("./a.ts", import.meta.url); new URL("http://localhost:80"); new URL("..", import.meta.url);';

    expect(sourceFile("a.ts", text).imports).toEqual([{ specifier: "./a.ts", line: 1, kind: "url" }]);
  });

  test("ignores imports in comments, strings and templates", () => {
    const text = [
      '// import "./a.ts";',
      '/* import { b } from "./b.ts"; */',
      "const c = 'import \"./c.ts\"';",
      'const d = `import "./d.ts"`;',
      'object.import("./e.ts");',
      'export const from = "./f.ts";',
      'export function g() { return "./g.ts"; }',
      "import.meta.url;",
    ].join("\n");

    expect(specifiers(text)).toEqual([]);
  });
});

describe("code", () => {
  test("keeps the length and the lines of the text", () => {
    const text = 'const a = "x"; // y\n/* z\n z */ b();\n';

    expect(code(text)).toHaveLength(text.length);
    expect(code(text).split("\n")).toHaveLength(text.split("\n").length);
    expect(code(text)).toMatch(/^const a = " "; +\n +\n +b\(\);\n$/);
  });

  test("keeps code inside template placeholders, also nested ones", () => {
    const blanked = code("const a = `one ${two(`three ${four} five`, { six: 6 })} seven`; eight();");

    expect(blanked.match(/\w+/g)).toEqual(["const", "a", "two", "four", "six", "6", "eight"]);
  });

  test("is not led astray by quotes in regular expressions, or by divisions", () => {
    const blanked = code("const a = /[\"'/`]x/g; const b = c / d / e; f(/'/); return /\"/; g();");

    expect(blanked.match(/\w+/g)).toEqual(["const", "a", "g", "const", "b", "c", "d", "e", "f", "return", "g"]);
  });

  test("is not led astray by escaped quotes and quotes in comments", () => {
    expect(code("a('it\\'s'); // don't\nb();").match(/\w+/g)).toEqual(["a", "b"]);
  });
});

test("comments hold the comments only", () => {
  const { comments } = sourceFile("a.ts", 'a("// no"); // one\n/* two */ b();');

  expect(comments.match(/\w+/g)).toEqual(["one", "two"]);
});
