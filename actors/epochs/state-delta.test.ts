import { describe, expect, test } from "vitest";
import { MapChange } from "../state/map-change.ts";
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
      { name: "plain", form: plainForm, removed: ["b"], keys: ["a", "c"], values: [1, undefined], changes: new Map() },
      { name: "total", form: value1, removed: [true], keys: [1n], values: [new Map([[1, "one"]])], changes: new Map() },
    ]);
  });

  test("brings back what changed in a map", () => {
    const change = new MapChange(new Set([1, "gone"]), new Map([[1, { n: 1 }]]));

    expect(decodeDelta(encodeDelta("op", [["orders", "a", true, change]]))).toEqual([
      { name: "orders", form: plainForm, removed: [], keys: [], values: [], changes: new Map([["a", change]]) },
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
    const change = new MapChange(new Set(), new Map([["entry", () => 1]]));
    expect(() => encodeDelta("op", [["orders", "k", true, change]])).toThrow(
      expect.objectContaining({
        code: "ERR_RT_NOT_PLAIN_DATA",
        message: expect.stringMatching(/operator "op": state "orders" of key "k".*entry/),
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
  const columns = [
    { name: "total", form: plainForm, removed: [], keys: ["k"], values: ["x".repeat(1_000)], changes: new Map() },
  ];

  expect(() => encodeColumns("op", columns, 1_000)).toThrow(
    expect.objectContaining({
      code: "ERR_ACT_STATE_TOO_LARGE",
      message: expect.stringMatching(/operator "op": the state of one instance has 10\d\d bytes.* the most is 1000/),
    }),
  );
});
