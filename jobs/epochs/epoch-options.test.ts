import { expect, test } from "vitest";
import { checkEpochs, retentionLimits } from "./epoch-options.ts";

test("what is not said about epochs has a default, and the bound of one cell follows that of the run", () => {
  const { retentionBytes, retentionBytesMax } = checkEpochs({});

  expect(retentionBytesMax).toBeGreaterThan(retentionBytes);
  expect(checkEpochs({ retentionBytes: 2 ** 40 }).retentionBytesMax).toBe(2 ** 42);
  expect(checkEpochs({ epochInterval: "1s", retentionBytes: 10_000, retentionBytesMax: 20_000 })).toMatchObject({
    intervalMs: 1_000,
    retentionBytes: 10_000,
    retentionBytesMax: 20_000,
  });
});

test.each([
  [{ retentionBytes: 10 }, /^retentionBytes: .* got 10/],
  [{ retentionBytes: 1.5 }, /^retentionBytes: /],
  [{ retentionBytesMax: Number.POSITIVE_INFINITY }, /^retentionBytesMax: /],
  [
    { retentionBytes: 10_000, retentionBytesMax: 9_000 },
    /^retentionBytesMax: .* no less than retentionBytes, 10000, got 9000/,
  ],
])("%o is refused", (options, message) => {
  expect(() => checkEpochs(options)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringMatching(message) }),
  );
});

test("what cells do not tell is a small share of the limit, however many they are", () => {
  const settings = checkEpochs({ retentionBytes: 1_000_000 });

  for (const cellCount of [1, 7, 1_000]) {
    expect(retentionLimits(settings, cellCount).stepBytes * cellCount).toBeLessThanOrEqual(1_000_000 / 16);
  }
  expect(retentionLimits(settings, 1_000_000).stepBytes).toBe(1);
});
