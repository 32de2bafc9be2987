import { expect, test } from "vitest";
import { keyGroupOf, ownerOf } from "../groupings/key-hash.ts";
import { assertOwned } from "./owned-entries.ts";
import { plainForm, type StateForm } from "./state-form.ts";

const perKey: StateForm = { kind: "value", version: 1, owner: "key" };
const owner = ownerOf(keyGroupOf("a"), 4);

test("a key at an instance that does not own it is a broken invariant", () => {
  expect(() => assertOwned([{ name: "total", form: perKey, values: new Map([["a", 1]]) }], (owner + 1) % 4, 4)).toThrow(
    expect.objectContaining({ code: "ERR_RT_INVARIANT", message: expect.stringContaining("H3") }),
  );
});

test("a key group at an instance that does not own it is a broken invariant, and so is one that there is not", () => {
  const perGroup: StateForm = { kind: "progress", version: 1, owner: "group" };
  const at = (group: number, instance: number) =>
    assertOwned([{ name: "event time", form: perGroup, values: new Map([[group, 1]]) }], instance, 4);

  expect(() => at(127, 3)).not.toThrow();
  for (const group of [0, 128, -1]) {
    expect(() => at(group, 3)).toThrow(
      expect.objectContaining({ code: "ERR_RT_INVARIANT", message: expect.stringContaining("H3") }),
    );
  }
});

test("state of any instance that is not where its number falls to is a broken invariant", () => {
  const ofAny: StateForm = { kind: "transactions", version: 1, owner: "any" };

  expect(() => assertOwned([{ name: "transactions", form: ofAny, values: new Map([[5, 1]]) }], 0, 4)).toThrow(
    expect.objectContaining({ code: "ERR_RT_INVARIANT", message: expect.stringContaining("H4") }),
  );
  expect(() => assertOwned([{ name: "transactions", form: ofAny, values: new Map([[5, 1]]) }], 1, 4)).not.toThrow();
});

test("at its owner a key may be, and state that is not per key anywhere", () => {
  expect(() => assertOwned([{ name: "total", form: perKey, values: new Map([["a", 1]]) }], owner, 4)).not.toThrow();
  expect(() =>
    assertOwned([{ name: "plain", form: plainForm, values: new Map([["a", 1]]) }], (owner + 1) % 4, 4),
  ).not.toThrow();
});
