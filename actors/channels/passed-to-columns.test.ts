import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBatch } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { groupings } from "../groupings/grouping.ts";
import { batchEventsMax } from "../limits.ts";
import { OutputEdge } from "./output-edge.ts";

interface Event {
  readonly key: unknown;
  readonly n: unknown;
  readonly more: unknown;
}

/** What a source does in one poll, and whether the cell flushes behind it. */
interface Poll {
  readonly events: readonly Event[];
  readonly room: number;
  readonly flushes: boolean;
  /** Of how many events each has a time, from the first on. */
  readonly timed: boolean;
}

const fields = ["key", "n", "more"];
const refusedKey = "refused";

function keyOf({ key }: Event): Key {
  if (key === refusedKey) throw new Error("no key");
  return key as Key;
}

/** @param eventKeys where events go into columns as they are emitted */
function run(polls: readonly Poll[], eventKeys: readonly string[] | undefined) {
  const progress = new Int32Array(1);
  const channels = [{ channel: 0, to: { path: "down/0", host: 1 } }];
  const edge = new OutputEdge({ grouping: groupings.byKey(keyOf), channels }, 0, 0, "until-acknowledged", progress);
  const { outbox } = edge.channels[0]!;
  const refused: unknown[] = [];
  const refuse = (value: unknown, error: unknown) => void refused.push([value, (error as Error).message]);
  outbox.open(1, 0, 1_000_000);
  const passer = edge.passer(refuse, false, eventKeys);
  let passedCount = 0;
  for (const { events, room, flushes, timed } of polls) {
    const builder = new BatchBuilder();
    const overflow = {
      emit: (value: unknown, time?: number) => builder.add(value, time, undefined),
      emitAll: (values: readonly unknown[], times?: readonly number[]) => builder.addWhole(values, times),
    };
    const output = passer?.startPassing(room, overflow);
    const emit = (value: Event, time?: number) => (output ?? overflow).emit(value, time);
    // A stream has times on all of its events or on none.
    for (const event of events) emit(event, timed ? 1 : undefined);
    if (output !== undefined) passer?.endPassing();
    passedCount += output === undefined ? 0 : passer!.passedCount;
    const batch = builder.take();
    edge.send(batch, 0, batch.values.length, refuse);
    if (flushes) edge.flush(refuse);
  }
  edge.flush(refuse);
  const sent: unknown[] = [];
  const lengths: number[] = [];
  let retained = 0;
  for (let next = outbox.next(); next !== undefined; next = outbox.next()) {
    if (next.item.kind !== "batch") continue;
    const { values, times, keys } = decodeBatch(next.item.body as Uint8Array);
    expect(values).toHaveLength(next.item.eventCount);
    lengths.push(values.length);
    retained += (next.item.body as Uint8Array).byteLength;
    for (let index = 0; index < values.length; index += 1) sent.push([values[index], times?.[index], keys?.[index]]);
  }
  expect(edge.channels[0]!.loadEvents).toBe(sent.length);
  expect(outbox.retainedBytes).toBeGreaterThanOrEqual(retained);
  return { sent, refused, lengths, passedCount };
}

const event = (key: unknown, n: unknown, more: unknown): Event => ({ key, n, more });
const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 5 }) },
  fc.constantFrom<unknown>(-0, 0.5, Number.NaN, "a", undefined, null, 7n, [1], { a: 1 }, new Date(5), () => 1),
  fc.string(),
);
const events = fc.array(
  fc
    .tuple(
      fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 0, max: 9 }) },
        fc.constantFrom<unknown>("k", refusedKey, null),
      ),
      value,
      value,
    )
    .map((parts) => event(...parts)),
  { maxLength: 40 },
);
const polls = fc.array(
  fc.record({ events, room: fc.integer({ min: 1, max: 60 }), flushes: fc.boolean(), timed: fc.constant(false) }),
  { minLength: 1, maxLength: 8 },
);

describe("events that go into columns as they are emitted", () => {
  test("are sent and refused as those that go in batches", () => {
    let passed = 0;
    fc.assert(
      fc.property(polls, (given) => {
        const inColumns = run(given, fields);
        const inBatches = run(given, undefined);
        passed += inColumns.passedCount;
        expect(inColumns.sent).toStrictEqual(inBatches.sent);
        // Refused are those of a poll first, and then those of its batches, however long these are.
        const sorted = (list: readonly unknown[]) =>
          list
            .map((each) =>
              JSON.stringify(each, (_, part) =>
                typeof part === "bigint" ? `${part}n` : Number.isNaN(part) ? "NaN" : part,
              ),
            )
            .toSorted();
        expect(sorted(inColumns.refused)).toEqual(sorted(inBatches.refused));
      }),
      { numRuns: 500 },
    );
    expect(passed).toBeGreaterThan(1_000);
  });

  test("leave in batches that are as long as those of events which come by themselves", () => {
    const poll = {
      events: Array.from({ length: 1_000 }, (_, n) => event(n % 7, n, "x")),
      room: batchEventsMax,
      flushes: false,
      timed: false,
    };

    const inColumns = run(
      Array.from({ length: 20 }, () => poll),
      fields,
    );

    expect(inColumns.passedCount).toBe(19_000);
    expect(inColumns.lengths).toEqual([1_000, 5_000, 5_000, 5_000, 4_000]);
  });

  test("go in batches where they have times, or are not as was said", () => {
    const poll = { events: [event(1, 2, 3)], room: 10, flushes: false, timed: false };

    expect(run([poll, { ...poll, timed: false }, poll], ["key", "n"]).passedCount).toBe(0);
    expect(
      run(
        [
          { ...poll, timed: true },
          { ...poll, timed: true },
        ],
        fields,
      ).passedCount,
    ).toBe(0);
  });
});
