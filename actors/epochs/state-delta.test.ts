import { describe, expect, test } from "vitest";
import { plainForm, type StateForm } from "../state/state-form.ts";
import { decodeDelta, encodeColumns, encodeDelta, encodeSnapshot, type StateEntry } from "./state-delta.ts";

const value1: StateForm = { kind: "value", version: 1, owner: "key" };

describe("a delta", () => {
  test("brings back its entries by state and form, also those that were removed, and undefined", () => {
    const entries: StateEntry[] = [
      ["plain", "a", true, 1],
      ["plain", "b", false, undefined],
      ["plain", "c", true, undefined],
      ["total", 1n, true, new Map([[1, "one"]]), value1],
      ["total", true, false, undefined, value1],
    ];

    expect(decodeDelta(encodeDelta("op", entries))).toEqual([
      { name: "plain", form: plainForm, removed: ["b"], keys: ["a", "c"], values: [1, undefined] },
      { name: "total", form: value1, removed: [true], keys: [1n], values: [new Map([[1, "one"]])] },
    ]);
  });

  test("writes name and form once, however many keys there are", () => {
    const entries = Array.from({ length: 100 }, (_, key): StateEntry => ["a-rather-long-name", key, true, 0, value1]);

    expect(encodeDelta("op", entries).byteLength).toBeLessThan(600);
  });

  test("of what cannot be kept fails by operator, state and key", () => {
    expect(() => encodeDelta("op", [["total", "k", true, () => 1]])).toThrow(
      expect.objectContaining({
        code: "ERR_RT_NOT_PLAIN_DATA",
        message: expect.stringMatching(/operator "op": state "total" of key "k"/),
      }),
    );
  });
});

test("a snapshot of more bytes than can be sent fails by its operator", () => {
  const entries: StateEntry[] = [["total", "k", true, "x".repeat(1_000)]];

  expect(encodeSnapshot("op", entries)).toEqual(encodeDelta("op", entries));
  expect(() => encodeSnapshot("op", entries, 1_000)).toThrow(
    expect.objectContaining({
      code: "ERR_ACT_SNAPSHOT_TOO_LARGE",
      message: expect.stringMatching(/operator "op": .* of 1 keys .*the most is 1000/),
    }),
  );
});

test("state of more bytes than can be kept fails by its operator", () => {
  const columns = [{ name: "total", form: plainForm, removed: [], keys: ["k"], values: ["x".repeat(1_000)] }];

  expect(() => encodeColumns("op", columns, 1_000)).toThrow(
    expect.objectContaining({
      code: "ERR_ACT_STATE_TOO_LARGE",
      message: expect.stringMatching(/operator "op": the state of one instance has 10\d\d bytes.* the most is 1000/),
    }),
  );
});
