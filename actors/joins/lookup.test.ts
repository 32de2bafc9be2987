import { describe, expect, test } from "vitest";
import type { CallContext } from "../operators/async-call.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { type LookedUp, type LookupOptions, lookup } from "./lookup.ts";

const failure = new Error("rejected");

interface OpenCall {
  readonly event: string;
  readonly context: CallContext;
  resolve(found: unknown): void;
  reject(): void;
}

/** A lookup whose calls stay open until the test ends them. */
async function openCalls(options: LookupOptions<string>) {
  const calls: OpenCall[] = [];
  const find = (event: string, context: CallContext) =>
    new Promise((resolve, reject) => {
      calls.push({ event, context, resolve, reject: () => reject(failure) });
    });
  const harness = await OperatorHarness.open<string, LookedUp<string, unknown>>(lookup(find, options));
  return { harness, calls };
}

/** "a1" is an event of key "a". */
const feed = (text: string) => text.split(" ").map((value) => ({ value, key: value[0]! }));

const results = (harness: OperatorHarness<string, LookedUp<string, unknown>>) =>
  harness.values().map(({ event, found }) => `${event} ${String(found)}`);

const cache = { ttl: "10s" } as const;

test("an event is put out with what was found for it, in the order asked for", async () => {
  const { harness, calls } = await openCalls({ order: "unordered" });
  harness.feed(feed("a1 b1"));

  calls[1]?.resolve("B");
  await harness.step();
  calls[0]?.resolve(undefined);
  await harness.step();

  expect(results(harness)).toEqual(["b1 B", "a1 undefined"]);
});

test("what was found is not asked for again while it is good, also that there is nothing", async () => {
  const { harness, calls } = await openCalls({ cache });
  harness.feed(feed("a1 b1"));
  calls[0]?.resolve("A");
  calls[1]?.resolve(undefined);
  await harness.step();

  harness.feed(feed("a2 b2 a3"));
  await harness.step();
  expect(results(harness)).toEqual(["a1 A", "b1 undefined", "a2 A", "b2 undefined", "a3 A"]);
  await harness.advance(10_000);
  harness.feed(feed("a4"));
  calls[2]?.resolve("new");
  await harness.step();

  expect(results(harness).at(-1)).toBe("a4 new");
  expect(calls.map(({ event }) => event)).toEqual(["a1", "b1", "a4"]);
  expect(harness.tell("figures")).toEqual({ hits: 3, misses: 3, shared: 0, size: 2 });
});

test("one call answers all events of a key that come meanwhile", async () => {
  const { harness, calls } = await openCalls({ cache });

  harness.feed(feed("a1 a2 b1 a3"));
  await harness.step();
  expect(calls.map(({ event }) => event)).toEqual(["a1", "b1"]);
  for (const { event, resolve } of calls) resolve(event.toUpperCase());
  await harness.step();

  expect(results(harness)).toEqual(["a1 A1", "a2 A1", "b1 B1", "a3 A1"]);
  expect(harness.tell("figures")).toEqual({ hits: 0, misses: 4, shared: 2, size: 2 });
});

test("an error is no answer: who waited for the call makes one of its own, one at a time", async () => {
  const { harness, calls } = await openCalls({ cache });
  harness.feed(feed("a1 a2 a3"));
  await harness.step();

  calls[0]?.reject();
  await harness.step();
  expect(calls.map(({ event }) => event)).toEqual(["a1", "a2"]);
  calls[1]?.resolve("A");
  await harness.step();

  expect(results(harness)).toEqual(["a2 A", "a3 A"]);
  expect(harness.deadLetters).toEqual([{ value: "a1", error: failure }]);
});

test("a call that goes on for ever holds nobody up behind its timeout", async () => {
  const { harness, calls } = await openCalls({ cache, timeout: "1s", retry: { attempts: 2, delay: "1s" } });
  harness.feed(feed("a1"));
  await harness.advance(500);
  harness.feed(feed("a2"));
  await harness.advance(500);

  // a2 has half a second left for a call of its own.
  expect(calls.map(({ event, context }) => `${event} ${context.attempt}`)).toEqual(["a1 1", "a2 1"]);
  calls[1]?.resolve("A");
  await harness.settle();

  expect(results(harness)).toEqual(["a1 A", "a2 A"]);
  expect(calls).toHaveLength(2);
});

test("who waited for a call until its own time was over makes none", async () => {
  const { harness, calls } = await openCalls({ cache, timeout: "1s" });
  harness.feed(feed("a1 a2"));

  await harness.settle();

  expect(calls.map(({ event }) => event)).toEqual(["a1"]);
  expect(harness.deadLetters).toMatchObject(
    ["a1", "a2"].map((value) => ({ value, error: { code: "ERR_ACT_CALL_TIMEOUT" } })),
  );
});

test("a retry is given what another event has found meanwhile", async () => {
  const { harness, calls } = await openCalls({ cache, retry: { attempts: 2, delay: "1s" }, order: "unordered" });
  harness.feed(feed("a1"));
  calls[0]?.reject();
  await harness.step();
  harness.feed(feed("a2"));
  calls[1]?.resolve("A");

  await harness.settle();

  expect(results(harness).toSorted()).toEqual(["a1 A", "a2 A"]);
  expect(calls).toHaveLength(2);
});

describe("the key of the cache", () => {
  test("may be another one than that of the stream", async () => {
    const { harness, calls } = await openCalls({ cache: { ttl: 1_000, key: (event) => event.slice(1) } });

    harness.feed(feed("a1 b1"));
    await harness.step();
    calls[0]?.resolve("one");
    await harness.step();

    expect(results(harness)).toEqual(["a1 one", "b1 one"]);
  });

  test("has to be one", async () => {
    const { harness } = await openCalls({ cache });

    harness.feedValues(["no key"]);
    await harness.settle();

    expect(harness.deadLetters).toMatchObject([{ value: "no key", error: { code: "ERR_ACT_KEY" } }]);
  });
});

test("many hits of one key in a row are handed out one behind the other", async () => {
  const { harness, calls } = await openCalls({ cache, order: "per-key", concurrency: 10_000 });
  harness.feed(Array.from({ length: 10_000 }, (_, number) => ({ value: `a${number}`, key: "a" })));

  calls[0]?.resolve("A");
  await harness.settle();

  expect(harness.values()).toHaveLength(10_000);
  expect(calls).toHaveLength(1);
});

test.each<[string, unknown]>([
  ["a function that is none", undefined],
  ["no time to live", { cache: {} }],
  ["a time to live of nothing", { cache: { ttl: 0 } }],
  ["a negative time to live that is none", { cache: { ttl: 1, negativeTtl: "soon" } }],
  ["a cache of nothing", { cache: { ttl: 1, size: 0 } }],
  ["a key that is no function", { cache: { ttl: 1, key: "user" } }],
  ["a concurrency that is none", { concurrency: 0 }],
])("refuses %s", (_, options) => {
  const find = options === undefined ? (undefined as unknown as () => number) : () => 1;

  expect(() => lookup(find, options as LookupOptions<string>)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining("lookup") }),
  );
});
