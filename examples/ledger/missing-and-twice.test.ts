import { expect, test } from "vitest";
import { missingAndTwice } from "./missing-and-twice.ts";

test("a ledger with a gap and a repeat is seen to have them", () => {
  expect(missingAndTwice("0 a\n2 c\n2 c\n")).toEqual({ missing: 1, twice: 1 });
});
