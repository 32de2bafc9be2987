/** State that is packed is the same as state that is not: whatever is done, whenever it is packed, stored and restored. */

import { expect, test } from "vitest";
import { SeededRandom } from "../../../runtime/index.ts";
import type { Key } from "../../batch.ts";
import { mergedState } from "../../epochs/merged-state.ts";
import { changedEntries, encodeDelta } from "../../epochs/state-delta.ts";
import { keyGroupOf, ownerOf } from "../../groupings/key-hash.ts";
import { DeclaredStates } from "../declared-states.ts";
import { MapChange } from "../map-change.ts";
import type { StateScope } from "../state-table.ts";
import { withObjectKeysMax } from "./object-keys.ts";

class Scope implements StateScope {
  readonly isKeyed = true;
  key: Key = 0;
  now = 1_000;
  keyFor = () => this.key;
  checkCalled = () => undefined;
  nowOf = () => this.now;
}

/** The states of one instance, and what it has stored of them. */
class Instance {
  readonly scope = new Scope();
  readonly deltas: Uint8Array[];
  readonly states = new DeclaredStates("op", this.scope);
  readonly total = this.states.reducing<number>("total", (sum, more) => sum + more);
  readonly note = this.states.value<unknown>("note", { initial: (key) => [key] });
  readonly seen = this.states.value<{ times: number }>("seen", { ttl: 50, ttlFrom: "read" });
  readonly list = this.states.list<number>("list");
  readonly map = this.states.map<string, number>("map", { ttl: 70 });
  readonly window = this.states.list<unknown>("window", { ttl: 60 });
  readonly plain = this.states.map<unknown, unknown>("plain");

  constructor(deltas: readonly Uint8Array[], now: number) {
    this.deltas = [...deltas];
    this.scope.now = now;
    this.states.restore(mergedState(deltas));
  }

  store(): void {
    const entries = this.states.snapshot();
    if (entries.length > 0) this.deltas.push(encodeDelta("op", entries));
  }

  all(): unknown[] {
    const { total, note, seen, list, map, window, plain } = this;
    return [...[total, note, seen, list, window, plain].map((state) => [...state.entries()]), inOrder(map.entries())];
  }
}

/**
 * What of a map has run out is swept at another moment where it is packed, so a key may keep its place until it has entries again,
 * and may not.
 */
function inOrder(entries: Iterable<[Key, unknown]>): [Key, unknown][] {
  return [...entries].sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
}

/** One step, drawn: the same for both. What is seen of it. */
function step(instance: Instance, kind: number, key: Key, random: number): unknown {
  const { scope, total, note, seen, list, map, window, plain, states } = instance;
  scope.key = key;
  scope.now += random < 0.02 ? 20 : 0;
  if (kind === 0) total.add(Math.floor(random * 10));
  else if (kind === 1) note.set(noteOf(random));
  else if (kind === 2) seen.set({ times: (seen.get()?.times ?? 0) + 1 });
  else if (kind === 3) list.add(Math.floor(random * 10));
  else if (kind === 4) map.set(`k${Math.floor(random * 5)}`, random);
  else if (kind === 5) for (const state of [total, note, seen, list, map, window, plain]) state.clear();
  else if (kind === 6) states.sweep(3);
  else if (kind === 7) window.add(...Array.from({ length: random < 0.1 ? 130 : 2 }, () => noteOf(random)));
  else if (kind === 8) list.replace(list.all().slice(1));
  else if (kind === 9) plain.set(mapKeyOf(random), random);
  else if (kind === 10) plain.delete(mapKeyOf(random));
  else if (kind === 11) map.delete(`k${Math.floor(random * 5)}`);
  else if (kind === 12) for (let index = 0; index < 200; index += 1) plain.set(index * random, index);
  else if (kind === 13) plain.set(random, noteOf(random));
  const looks = [map.get("k2"), map.has("k3"), plain.get(2), plain.has("3"), plain.size, plain.at(key)];
  // Not each step reads what may live longer for it.
  if (random < 0.5) return looks;
  return [
    total.get(),
    note.get(),
    seen.get(),
    seen.at(key),
    list.all(),
    [...map.all()],
    window.all(),
    [...plain.all()],
    looks,
  ];
}

function noteOf(random: number): unknown {
  const notes = [1.5, undefined, null, true, "text", { a: [random] }, 12n, new Date(5), "€".repeat(random * 20_000)];
  return notes[Math.floor(random * notes.length)];
}

const someDate = new Date(5);

/** One of them is another key behind a restart. */
function mapKeyOf(random: number): unknown {
  const number = Math.floor(random * 100) % 7;
  if (number === 5) return someDate;
  return number % 2 === 0 ? number : String(number);
}

const keysOf: readonly ((random: number) => Key)[] = [
  (random) => Math.floor(random * 60),
  (random) => `user-${Math.floor(random * 60)}`,
  (random) => BigInt(Math.floor(random * 60)),
];

for (const keysMax of [0, 5, 40]) {
  test(`state that is packed from ${keysMax} keys on is as state that never is, over restarts of both`, async () => {
    const packed = (deltas: readonly Uint8Array[], now: number) => {
      return withObjectKeysMax(keysMax, () => Promise.resolve(new Instance(deltas, now)));
    };
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = new SeededRandom(seed * 7 + keysMax);
      const keyOf = keysOf[seed % keysOf.length]!;
      let both = [await packed([], 1_000), new Instance([], 1_000)] as const;
      for (let count = 0; count < 350; count += 1) {
        const [kind, key, luck] = [Math.floor(random.next() * 14), keyOf(random.next()), random.next()];
        const [seen, expected] = both.map((instance) => step(instance, kind, key, luck));
        expect(seen).toEqual(expected);
        if (random.next() < 0.05) for (const instance of both) instance.store();
        if (random.next() < 0.02) {
          const [{ scope, deltas }, objects] = both;
          both = [await packed(deltas, scope.now), new Instance(objects.deltas, scope.now)];
        }
        if (count % 50 === 0) expect(both[0].all()).toEqual(both[1].all());
      }
      // Of maps that are packed a sweep looks at several entries at once.
      for (const { states } of both) for (const _ of [1, 2]) states.sweep(100_000);
      for (const instance of both) instance.store();
      expect(both[0].all()).toEqual(both[1].all());
      const [stored, expected] = both.map(({ deltas }) =>
        mergedState(deltas).map((group) => {
          const { name, form, values } = group;
          return name.startsWith("map") ? { name, form, values: inOrder(values.entries()) } : group;
        }),
      );
      expect(stored).toEqual(expected);
    }
  });
}

test("packed state goes to other instances by its key groups, as state of objects does", async () => {
  await withObjectKeysMax(10, () => {
    const before = new Instance([], 0);
    for (let key = 0; key < 500; key += 1) {
      before.scope.key = key;
      before.total.add(key);
      before.note.set({ key });
    }
    before.store();
    const all = mergedState(before.deltas);
    const parts = [0, 1, 2].map((instance) => {
      const scope = new Scope();
      const states = new DeclaredStates("op", scope);
      const isOwn = (key: Key) => ownerOf(keyGroupOf(key), 3) === instance;
      states.restore(
        all.map((group) => ({ ...group, values: new Map([...group.values].filter(([key]) => isOwn(key))) })),
      );
      return [...states.value<{ key: number }>("note").entries()];
    });
    expect(parts.every((part) => part.length > 100)).toBe(true);
    expect(parts.flat().sort(([left], [right]) => Number(left) - Number(right))).toEqual([...before.note.entries()]);
    return Promise.resolve();
  });
});

test("what is changed in place is kept by set and by nothing else", async () => {
  await withObjectKeysMax(0, () => {
    const { scope, note, states } = new Instance([], 0);
    for (const key of ["a", "b"]) {
      scope.key = key;
      note.set({ count: 1 });
    }
    states.snapshot();
    scope.key = "a";
    const changed = note.get() as { count: number };
    changed.count = 2;
    note.set(changed);
    scope.key = "b";
    (note.get() as { count: number }).count = 4;
    expect(changedEntries(states.snapshot()).map(([, key, , value]) => [key, value])).toEqual([["a", { count: 2 }]]);
    return Promise.resolve();
  });
});

test("what is no plain data is refused at the checkpoint, also in state that is packed, with operator, state and key", async () => {
  await withObjectKeysMax(0, () => {
    const { scope, note, states } = new Instance([], 0);
    scope.key = "k7";
    note.set({ call: () => 1 });
    expect((note.get() as { call: () => number }).call()).toBe(1);
    const code = "ERR_RT_NOT_PLAIN_DATA";
    const message = expect.stringMatching(/operator "op": state "note" of key "k7"/);
    expect(() => encodeDelta("op", states.snapshot())).toThrow(expect.objectContaining({ code, message }));
    return Promise.resolve();
  });
});

test("who walks through state that is packed meanwhile goes on where it was", async () => {
  await withObjectKeysMax(8, () => {
    const { scope, total } = new Instance([], 0);
    const add = (key: Key) => {
      scope.key = key;
      total.add(1);
    };
    const clear = (key: Key) => {
      scope.key = key;
      total.clear();
    };
    for (let key = 0; key < 8; key += 1) add(key);
    const [first, second, third] = [total.keys(), total.keys(), total.keys()];
    for (const _ of [0, 1, 2]) first.next();
    for (const _ of [0, 1, 2, 3, 4, 5, 6, 7]) second.next();
    clear(2);
    clear(3);
    for (let key = 8; key < 12; key += 1) add(key);
    clear(5);
    clear(9);
    expect([...first]).toEqual([4, 6, 7, 8, 10, 11]);
    expect([...second]).toEqual([8, 10, 11]);
    expect([...third]).toEqual([0, 1, 4, 6, 7, 8, 10, 11]);

    const { scope: otherScope, total: other } = new Instance([], 0);
    for (let key = 0; key < 8; key += 1) {
      otherScope.key = key;
      other.add(1);
    }
    const atEnd = other.keys();
    for (const _ of [0, 1, 2, 3, 4, 5, 6, 7]) atEnd.next();
    otherScope.key = 8;
    other.add(1);
    other.clear();
    otherScope.key = 9;
    other.add(1);
    expect([...atEnd]).toEqual([9]);
    return Promise.resolve();
  });
});

test("what a sweep takes out of a packed map stays out of it, whatever was found of it before", async () => {
  await withObjectKeysMax(0, () => {
    const instance = new Instance([], 0);
    const { scope, map, states } = instance;
    scope.key = "a";
    map.set("first", 1);
    scope.now = 50;
    map.set("second", 2);
    instance.store();
    expect(map.get("second")).toBe(2);
    scope.now = 100;
    states.sweep(100);
    map.set("third", 3);
    instance.store();
    const stored = mergedState(instance.deltas).map(({ name, values }) => [name, values.get("a")]);
    expect(stored).toEqual([
      [
        "map",
        new Map([
          ["second", 2],
          ["third", 3],
        ]),
      ],
      [
        "map expires",
        new Map([
          ["second", 120],
          ["third", 170],
        ]),
      ],
    ]);
    return Promise.resolve();
  });
});

test("many lists and maps leave the heap but for what changes, and what is large; a snapshot says what changed", async () => {
  await withObjectKeysMax(8, () => {
    const { scope, list, plain, states } = new Instance([], 0);
    for (let key = 0; key < 200; key += 1) {
      scope.key = key;
      list.add(...Array.from({ length: 100 }, (_, index) => key + index));
      for (let index = 0; index < 20; index += 1) plain.set(index, "some text");
    }
    scope.key = "long";
    list.add(...Array.from({ length: 129 }, () => 1));
    expect(list.at(199)).toBe(list.at(199));
    states.snapshot();
    expect(list.at(199)).not.toBe(list.at(199));
    expect(list.at("long")).toBe(list.at("long"));
    // A number of two or three bytes, and a text with its key of eleven.
    expect(states.stateSize.packedBytes / 200).toBeGreaterThan(200 + 20 * 11);
    for (let key = 10; key < 20; key += 1) {
      scope.key = key;
      plain.set(3, "another text");
      plain.delete(4);
    }
    const changes = changedEntries(states.snapshot()).map(([name, key, , change]) => [name, key, change]);
    const change = new MapChange(new Set([4]), new Map([[3, "another text"]]));
    expect(changes).toEqual(Array.from({ length: 10 }, (_, index) => ["plain", index + 10, change]));
    return Promise.resolve();
  });
});

test("numbers are packed with fewer keys than what has to be encoded", async () => {
  const sizes = await withObjectKeysMax(4, () => {
    return Promise.resolve(
      [(key: number) => key, (key: number) => ({ key })].map((makeValue) => {
        const { scope, note, states } = new Instance([], 0);
        return Array.from({ length: 20 }, (_, key) => {
          scope.key = key;
          note.set(makeValue(key));
          return states.stateSize.packedBytes > 0;
        }).indexOf(true);
      }),
    );
  });

  expect(sizes).toEqual([4, 16]);
});
