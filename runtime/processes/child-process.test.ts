import { expect, test } from "vitest";
import { inheritedArguments } from "./child-process.ts";

test("a child is started with the options of this process", () => {
  const given = ["--max-old-space-size=100", "--import", "./hooks.mjs", "--conditions=development"];

  expect(inheritedArguments(given)).toEqual(given);
});

test.each([
  [["-e", "main()"]],
  [["--eval", "main()"]],
  [["--eval=main()"]],
  [["-p", "1"]],
  [["--inspect"]],
  [["--inspect-brk=9229"]],
  [["--watch"]],
  [["--watch-path=./src"]],
  [["--test"]],
  [["--input-type=module"]],
])("but not with %j", (given) => {
  expect(inheritedArguments(["--expose-gc", ...given, "--trace-warnings"])).toEqual([
    "--expose-gc",
    "--trace-warnings",
  ]);
});
