import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import type { ListState, MapState, ReducingState, StateOptions, ValueState } from "./operator-state.ts";

type Wish =
  | readonly ["set" | "add" | "sum", number]
  | readonly ["put", entry: string, number]
  | readonly ["get" | "all" | "keys" | "clear"]
  | readonly ["entry", string];

/** Does with its states what events say, and tells what it finds. */
class Kept implements ProcessOperator<Wish, unknown> {
  readonly #options: StateOptions;
  #value!: ValueState<number>;
  #list!: ListState<number>;
  #map!: MapState<string, number>;
  #sum!: ReducingState<number>;

  constructor(options: StateOptions) {
    this.#options = options;
  }

  open({ state }: ProcessContext): void {
    this.#value = state.value<number>("value", this.#options);
    this.#list = state.list<number>("list", this.#options);
    this.#map = state.map<string, number>("map", this.#options);
    this.#sum = state.reducing<number>("sum", (sum, more) => sum + more, this.#options);
  }

  onEvent(wish: Wish, context: ProcessContext): void {
    switch (wish[0]) {
      case "set":
        return this.#value.set(wish[1]);
      case "add":
        return this.#list.add(wish[1]);
      case "sum":
        return this.#sum.add(wish[1]);
      case "put":
        return this.#map.set(wish[1], wish[2]);
      case "clear":
        return this.#value.clear();
      case "entry":
        return context.emit(this.#map.get(wish[1]));
      case "get":
        return context.emit([this.#value.get(), this.#list.all(), this.#sum.get()]);
      case "all":
        return context.emit([this.#map.size, [...this.#map.all()]]);
      case "keys":
        return context.emit([[...this.#value.keys()], [...this.#map.entries()].map(([key, map]) => [key, [...map]])]);
    }
  }
}

class Stored {
  readonly #deltas: Uint8Array[] = [];
  /** Names and keys of what the last snapshot removed. */
  removed: string[] = [];

  /** Returns how many bytes the snapshot has. */
  take(entries: readonly StateEntry[]): number {
    this.removed = entries.flatMap(([name, key, present]) => (present ? [] : [`${name} ${String(key)}`]));
    const delta = encodeDelta("under test", entries);
    this.#deltas.push(delta);
    return delta.byteLength;
  }

  get entries(): readonly StateEntry[] {
    return mergedEntries(this.#deltas);
  }

  get names(): string[] {
    return this.entries.map(([name, key]) => `${name} ${String(key)}`);
  }
}

const open = (options: StateOptions, entries: readonly StateEntry[] = [], clock = new VirtualClock()) =>
  OperatorHarness.openProcess<Wish, unknown>(() => new Kept(options), {
    keyed: true,
    guarantee: "exactly-once",
    restore: { entries, epoch: 1 },
    clock,
  });
type Harness = Awaited<ReturnType<typeof open>>;

function tell(harness: Harness, key: string, wishes: readonly Wish[], time?: number): unknown[] {
  const before = harness.values().length;
  harness.feed(wishes.map((value) => ({ value, key, ...(time !== undefined && { time }) })));
  return harness.values().slice(before);
}

const writeAll: readonly Wish[] = [
  ["set", 1],
  ["add", 2],
  ["sum", 3],
  ["put", "x", 4],
];
const nothing = [undefined, [], undefined];

describe("by the wall clock", () => {
  test("what was written is found until its time is over, and not at that moment any more", async () => {
    const harness = await open({ ttl: "10s" });
    tell(harness, "a", writeAll);

    await harness.advance(9_999);
    expect(tell(harness, "a", [["get"], ["entry", "x"]])).toEqual([[1, [2], 3], 4]);
    await harness.advance(1);

    expect(tell(harness, "a", [["get"], ["entry", "x"], ["all"], ["keys"]])).toEqual([
      nothing,
      undefined,
      [0, []],
      [[], []],
    ]);
    await harness.close();
  });

  test("a write begins the time anew; a read only where it is told to", async () => {
    const written = await open({ ttl: 100 });
    const read = await open({ ttl: 100, ttlFrom: "read" });
    for (const harness of [written, read]) tell(harness, "a", [...writeAll, ["set", 5]]);

    for (const harness of [written, read]) {
      await harness.advance(60);
      tell(harness, "a", [["set", 6], ["get"], ["entry", "x"]]);
      await harness.advance(60);
    }

    expect(tell(written, "a", [["get"], ["entry", "x"]])).toEqual([[6, [], undefined], undefined]);
    expect(tell(read, "a", [["get"], ["entry", "x"]])).toEqual([[6, [2], 3], 4]);
    for (const harness of [written, read]) await harness.close();
  });

  test("each entry of a map lives for itself", async () => {
    const harness = await open({ ttl: 100 });
    tell(harness, "a", [
      ["put", "x", 1],
      ["put", "y", 1],
    ]);
    await harness.advance(50);
    tell(harness, "a", [
      ["put", "y", 2],
      ["put", "z", 3],
    ]);

    await harness.advance(60);

    expect(tell(harness, "a", [["all"], ["entry", "x"], ["entry", "y"], ["keys"]])).toEqual([
      [
        2,
        [
          ["y", 2],
          ["z", 3],
        ],
      ],
      undefined,
      2,
      [
        [],
        [
          [
            "a",
            [
              ["y", 2],
              ["z", 3],
            ],
          ],
        ],
      ],
    ]);
    await harness.close();
  });

  test("what nobody reads is swept away without any event, and the next snapshot says so", async () => {
    const harness = await open({ ttl: 100 });
    const stored = new Stored();
    tell(harness, "a", writeAll);
    stored.take(await harness.barrier(1));
    expect(stored.names).toHaveLength(8);

    await harness.advance(1_100);
    stored.take(await harness.barrier(2));

    expect(stored.names).toEqual([]);
    expect(stored.removed).toContain("value a");
    expect(stored.removed).toContain("map a");
    await harness.close();
  });

  test("while events come, no more than a third beside what lives is kept, and no event looks at everything", async () => {
    const harness = await open({ ttl: 100 });
    const stored = new Stored();
    let most = 0;
    for (let round = 0; round < 40; round += 1) {
      const events = Array.from({ length: 100 }, (_, index) => round * 100 + index);
      harness.feed(events.map((number) => ({ value: ["set", number] as const, key: `k${number}` })));
      stored.take(await harness.barrier(round + 1));
      most = Math.max(most, stored.names.filter((name) => name.startsWith("value k")).length);
      await harness.advance(10);
    }

    expect(most).toBeGreaterThanOrEqual(1_000);
    expect(most).toBeLessThan(1_500);
    await harness.close();
  });
});

describe("by event time", () => {
  test("the event in hand and the watermark say what is over, the wall clock does not", async () => {
    const harness = await open({ ttl: 100, ttlTime: "event" });
    tell(harness, "a", writeAll, 1_000);
    tell(harness, "b", writeAll, 1_000);

    await harness.advance(1e6);
    expect(tell(harness, "a", [["get"]], 1_099)).toEqual([[1, [2], 3]]);
    expect(tell(harness, "a", [["get"]], 1_100)).toEqual([nothing]);
    harness.watermark(1_100);

    expect(tell(harness, "b", [["get"], ["entry", "x"]], 1_050)).toEqual([nothing, undefined]);
    await harness.close();
  });

  test("an older event that is written later makes nothing live shorter", async () => {
    const harness = await open({ ttl: 100, ttlTime: "event" });
    tell(harness, "a", [["set", 1]], 1_000);
    tell(harness, "a", [["set", 2]], 950);

    expect(tell(harness, "a", [["get"]], 1_099)).toEqual([[2, [], undefined]]);
    await harness.close();
  });

  test("the watermark sweeps, and the end of the input lets nothing run out", async () => {
    const harness = await open({ ttl: 100, ttlTime: "event" });
    const stored = new Stored();
    tell(harness, "a", [["set", 1]], 1_000);
    harness.watermark(1_050);
    harness.watermark(Number.POSITIVE_INFINITY);
    stored.take(await harness.barrier(1));
    expect(stored.names).toContain("value a");

    const other = await open({ ttl: 100, ttlTime: "event" });
    tell(other, "a", writeAll, 1_000);
    stored.take(await other.barrier(1));
    other.watermark(1_100);
    stored.take(await other.barrier(2));

    expect(stored.names).toEqual([]);
    for (const each of [harness, other]) await each.close();
  });

  test("an event without time that writes is given up with ERR_ACT_STATE_TTL", async () => {
    const harness = await open({ ttl: 100, ttlTime: "event" });

    tell(harness, "a", [["set", 1]]);

    expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_STATE_TTL" } }]);
    await harness.close();
  });
});

describe("after a restart", () => {
  test("what was written before lives as long as it would have", async () => {
    const stored = new Stored();
    const first = await open({ ttl: 100 });
    tell(first, "a", writeAll);
    await first.advance(60);
    tell(first, "a", [["put", "y", 5]]);
    stored.take(await first.barrier(1));

    const second = await open({ ttl: 100 }, stored.entries, first.clock);
    await second.advance(39);
    expect(tell(second, "a", [["get"], ["entry", "x"]])).toEqual([[1, [2], 3], 4]);
    await second.advance(1);

    expect(tell(second, "a", [["get"], ["all"]])).toEqual([nothing, [1, [["y", 5]]]]);
    for (const harness of [first, second]) await harness.close();
  });

  test("entries of maps that run out between snapshots are told as changes", async () => {
    const stored = new Stored();
    const first = await open({ ttl: 100 });
    const filled = Array.from({ length: 20 }, (_, index): Wish => ["put", `x${index}`, index]);
    tell(first, "a", filled);
    await first.advance(99);
    tell(first, "a", filled.slice(1));
    const whole = await first.barrier(1);
    await first.advance(1);
    tell(first, "a", [["entry", "x0"]]);
    const change = await first.barrier(2);

    expect(change.map(([name, , present]) => [name, present])).toEqual([
      ["map", true],
      ["map expires", true],
    ]);
    const bytes = stored.take(whole);
    expect(stored.take(change)).toBeLessThan(bytes / 2);
    const second = await open({ ttl: 100 }, stored.entries, first.clock);
    expect(tell(second, "a", [["all"]])).toMatchObject([[19, expect.anything()]]);
    await second.close();
    await first.close();
  });

  test("state that had no time to live is given one when it is looked at, and keeps it", async () => {
    const stored = new Stored();
    const before = await open({});
    tell(before, "a", writeAll);
    stored.take(await before.barrier(1));
    expect(stored.names).toEqual(["value a", "list a", "map a", "sum a"]);

    const first = await open({ ttl: 100 }, stored.entries, before.clock);
    expect(tell(first, "a", [["get"], ["entry", "x"]])).toEqual([[1, [2], 3], 4]);
    await first.advance(60);
    stored.take(await first.barrier(2));
    const second = await open({ ttl: 100 }, stored.entries, before.clock);
    await second.advance(40);

    expect(tell(second, "a", [["get"], ["all"]])).toEqual([nothing, [0, []]]);
    for (const harness of [before, first, second]) await harness.close();
  });

  test("state that has no time to live any more stays, and its expiry is forgotten", async () => {
    const stored = new Stored();
    const before = await open({ ttl: 100 });
    tell(before, "a", writeAll);
    stored.take(await before.barrier(1));

    const after = await open({}, stored.entries, before.clock);
    await after.advance(1_000_000);
    stored.take(await after.barrier(2));

    expect(tell(after, "a", [["get"], ["entry", "x"]])).toEqual([[1, [2], 3], 4]);
    expect(stored.names).toEqual(["value a", "list a", "map a", "sum a"]);
    for (const harness of [before, after]) await harness.close();
  });

  test("an expiry by another clock than now counts for nothing", async () => {
    const stored = new Stored();
    const before = await open({ ttl: 100, ttlTime: "event" });
    tell(before, "a", writeAll, 1_000);
    stored.take(await before.barrier(1));

    const after = await open({ ttl: 100 }, stored.entries, before.clock);

    expect(tell(after, "a", [["get"], ["entry", "x"]])).toEqual([[1, [2], 3], 4]);
    for (const harness of [before, after]) await harness.close();
  });
});

test.each<[string, StateOptions]>([
  ["no duration", { ttl: "soon" as never }],
  ["a duration of nothing", { ttl: 0 }],
  ["another clock", { ttl: "1s", ttlTime: "wall" as never }],
  ["another beginning", { ttl: "1s", ttlFrom: "birth" as never }],
  ["a clock without a duration", { ttlTime: "event" }],
])("%s is refused", async (_, options) => {
  await expect(open(options)).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
});

test("an object as the key of a map with a time to live is refused", async () => {
  const harness = await open({ ttl: 100 });

  tell(harness, "a", [["put", { x: 1 } as never, 1]]);

  expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_STATE_TTL" } }]);
  await harness.close();
});
