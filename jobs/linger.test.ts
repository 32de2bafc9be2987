import { expect, test } from "vitest";
import { flushIntervalMs } from "../actors/index.ts";
import { lingerMsMax } from "./limits.ts";
import { lingerMsOf } from "./linger.ts";

test.each([
  [undefined, flushIntervalMs],
  [0, 0],
  ["20ms", 20],
  ["1m", lingerMsMax],
] as const)("a linger of %s is %i ms", (linger, ms) => {
  expect(lingerMsOf(linger)).toBe(ms);
});

test.each([-1, "soon", Number.NaN, lingerMsMax + 1, "2m", null])("a linger of %s is refused", (linger) => {
  expect(() => lingerMsOf(linger as never)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining("linger") }),
  );
});
