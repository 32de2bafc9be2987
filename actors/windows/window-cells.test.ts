import { describe, expect, test } from "vitest";
import { changedEntries } from "../epochs/state-delta.ts";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import type { StateForm } from "../state/state-form.ts";
import { CellChanges } from "./window-cells.ts";

const form: StateForm = { kind: "count in tumbling", version: 1, owner: "key" };

/** What snapshots say of a window that gets keys, is stored, gets others and is dropped. */
function told(accumulatorOf: (key: string) => unknown) {
  const changes = new CellChanges(form, true);
  changes.track();
  const group = changes.newGroup(0, 10);
  const add = (...keys: readonly string[]) => {
    for (const key of keys) group.addNew(key, accumulatorOf(key));
    changes.note(group);
  };
  const take = () => changedEntries(changes.take("op"));
  add("a", "b", "c");
  group.noteResult(group.find("b"), false);
  const first = take();
  const nothing = take();
  group.write(group.find("a"), accumulatorOf("a again"));
  changes.note(group);
  const second = take();
  add("d");
  changes.dropGroup(group);
  return { first, nothing, second, dropped: take() };
}

const name = "from 0";

describe.each([
  ["in columns", 100],
  ["packed", 0],
])("cells of a window %s", (_, keysMax) => {
  test("are told when they have changed, and as removed if they were ever told", async () => {
    const told0 = await withObjectKeysMax(keysMax, () => Promise.resolve(told((key) => ({ key }))));

    expect(told0).toEqual({
      first: [
        [name, "a", true, [{ key: "a" }, 0, 0], form],
        [name, "b", true, [{ key: "b" }, 1, 0], form],
        [name, "c", true, [{ key: "c" }, 0, 0], form],
      ],
      nothing: [],
      second: [[name, "a", true, [{ key: "a again" }, 0, 0], form]],
      dropped: ["a", "b", "c"].map((key) => [name, key, false, undefined, form]),
    });
  });
});

test("a packed accumulator that is no plain data is refused by operator, window and key", async () => {
  const message = expect.stringMatching(/operator "op": state "from 0" of key "a"/);

  const refused = withObjectKeysMax(0, async () => told(() => () => 1));

  await expect(refused).rejects.toThrow(expect.objectContaining({ code: "ERR_RT_NOT_PLAIN_DATA", message }));
});
