import { describe, expect, test } from "vitest";
import { decodeBatch } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { type Grouping, groupings } from "../groupings/grouping.ts";
import type { PreAggregation } from "../groupings/pre-aggregation.ts";
import {
  batchBytesSoft,
  batchEventsMax,
  channelBatchEventsMax,
  foldedEntriesMax,
  sentBatchEventsMax,
} from "../limits.ts";
import { lastWatermark } from "../time/watermark.ts";
import { OutputEdge } from "./output-edge.ts";

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const batchOf = (values: readonly unknown[]): Batch => ({ values, times: undefined, keys: undefined });

function edgeTo(hosts: readonly number[], grouping: Grouping = groupings.shuffle, progress = new Int32Array(1)) {
  const channels = hosts.map((host, channel) => ({ channel, to: { path: `down/${channel}`, host } }));
  const edge = new OutputEdge({ grouping, channels }, 0, 0, "none", progress);
  const refused: { readonly value: unknown; readonly error: unknown }[] = [];
  for (const channel of edge.channels) channel.outbox.open(1, 0, 1_000_000);
  return {
    edge,
    refused,
    refuse: (value: unknown, error: unknown) => void refused.push({ value, error }),
    /** The batches that leave each channel now. */
    sent: () =>
      edge.channels.map((channel) => {
        const batches: unknown[][] = [];
        for (let sent = channel.next(); sent !== undefined; sent = channel.next()) {
          if (sent.item.kind !== "batch") continue;
          const { body, eventCount } = sent.item;
          const { values } = body instanceof Uint8Array ? decodeBatch(body) : body;
          expect(values).toHaveLength(eventCount);
          batches.push([...values]);
        }
        return batches;
      }),
  };
}

describe("an output edge to what needs no values", () => {
  const events = range(100).map((index) => ({ name: `event ${index}`, index }));
  const times = range(100).map((index) => 1_000 + index);

  function bodies(hosts: readonly number[], batch: Batch): readonly Batch[] {
    const channels = hosts.map((host, channel) => ({ channel, to: { path: `down/${channel}`, host } }));
    const grouping = groupings.byKey(({ index }: { index: number }) => index % 7);
    const edge = new OutputEdge({ grouping, channels, isBare: true }, 0, 0, "none", new Int32Array(1));
    for (const channel of edge.channels) channel.outbox.open(1, 0, 1_000_000);
    const refuse = () => undefined;
    edge.send(batch, 0, batch.values.length, refuse);
    edge.flush(refuse);
    return edge.channels.flatMap((channel) => {
      const item = channel.next()?.item;
      if (item?.kind !== "batch") return [];
      return [item.body instanceof Uint8Array ? (decodeBatch(item.body) as Batch) : item.body];
    });
  }

  test("sends keys and times alone to another thread", () => {
    const keys = events.map(({ index }) => index % 7);
    const [sent] = bodies([1], { values: events, times, keys: undefined });

    expect(sent).toMatchObject({ values: new Array(100).fill(undefined), times, keys });
  });

  test("hands events over whole within a thread, and where they have no times", () => {
    expect(bodies([0], { values: events, times, keys: undefined })[0]!.values).toEqual(events);
    expect(bodies([1], { values: events, times: undefined, keys: undefined })[0]!.values).toEqual(events);
  });
});

describe("an output edge that puts events together", () => {
  const total = { create: () => 0, add: (sum: number, { n }: { n: number }) => sum + n };
  const byKey = groupings.byKey(({ key }: { key: string }) => key);

  function folding(hosts: readonly number[]) {
    const channels = hosts.map((host, channel) => ({ channel, to: { path: `down/${channel}`, host } }));
    const aggregate = total as unknown as PreAggregation["aggregate"];
    const preAggregation = { aggregate, panes: undefined, isToldAtEnd: true };
    const edge = new OutputEdge({ grouping: byKey, channels, preAggregation }, 0, 0, "none", new Int32Array(1));
    for (const channel of edge.channels) channel.outbox.open(1, 0, 1_000_000);
    const { outbox } = edge.channels[0]!;
    const refused: unknown[] = [];
    const refuse = (value: unknown) => void refused.push(value);
    return {
      edge,
      refused,
      send: (events: readonly { key: string; n: number }[]) => edge.send(batchOf(events), 0, events.length, refuse),
      advance: (time: number) => edge.advance({ time, isIdle: false }, refuse),
      flush: () => edge.flush(refuse),
      left: () => {
        const items = [];
        for (let sent = outbox.next(); sent !== undefined; sent = outbox.next()) {
          const { item } = sent;
          if (item.kind !== "batch") items.push(item);
          else
            items.push([
              item.eventCount,
              item.body instanceof Uint8Array ? decodeBatch(item.body) : item.body,
            ] as const);
        }
        return items;
      },
    };
  }

  const a = { key: "a", n: 1 };
  const b = { key: "b", n: 10 };

  test.each([0, 1])(
    "sends an accumulator of each key when it is flushed, counted as its events, to host %i",
    (host) => {
      const { edge, send, flush, left } = folding([host]);
      send([a, b, a]);
      send([a]);
      expect(left()).toEqual([]);
      expect(edge.heldEvents).toBe(4);

      flush();

      expect(edge.heldEvents).toBe(0);
      expect(edge.channels[0]!.loadEvents).toBe(4);
      expect(left()).toEqual([[4, { values: [3, 10], times: undefined, keys: ["a", "b"], counts: [3, 1] }]]);
    },
  );

  test("sends an event that cannot be added as it is", () => {
    const { edge, send, flush, left } = folding([0]);
    const bad = {
      key: "a",
      get n(): number {
        throw new Error("no number");
      },
    };

    send([a, bad, a]);
    expect(edge.heldEvents + edge.channels[0]!.loadEvents).toBe(3);
    flush();

    // Not toEqual: it would read `n`.
    const [plain, together] = left() as [number, Batch][];
    expect(plain![1].values[0]).toBe(bad);
    expect([plain![0], plain![1].keys]).toEqual([1, ["a"]]);
    expect(together).toEqual([2, { values: [2], times: undefined, keys: ["a"], counts: [2] }]);
  });

  test("sends what is put together before the watermark that came behind it", () => {
    const { send, advance, flush, left } = folding([1]);

    send([a, a]);
    advance(5);
    send([b]);
    flush();

    expect(left()).toEqual([
      [3, { values: [2, 10], times: undefined, keys: ["a", "b"], counts: [2, 1] }],
      { kind: "watermark", time: 5, isIdle: false },
    ]);
  });

  test("sends what is put together when it has as many keys as it may hold", () => {
    const { edge, send, left } = folding([1]);

    send(range(foldedEntriesMax).map((n) => ({ key: `k${n}`, n })));

    expect(edge.heldEvents).toBe(0);
    expect(left()).toMatchObject([[foldedEntriesMax, { counts: range(foldedEntriesMax).map(() => 1) }]]);
  });
});

describe("an output edge", () => {
  test("holds events back until a batch is full or it is flushed", () => {
    const { edge, refuse, sent } = edgeTo([0, 0]);
    edge.send(batchOf(range(4)), 0, 4, refuse);
    expect(sent()).toEqual([[], []]);

    edge.flush(refuse);
    expect(sent()).toEqual([[[0, 2]], [[1, 3]]]);
    edge.send(batchOf(range(2 * batchEventsMax)), 0, 2 * batchEventsMax, refuse);
    expect(sent().map((batches) => batches.map(({ length }) => length))).toEqual([[batchEventsMax], [batchEventsMax]]);
  });

  test("holds more of them back for another thread: to post a batch costs the same, whatever is in it", () => {
    const { edge, refuse, sent } = edgeTo([0, 1]);
    edge.send(batchOf(range(2 * batchEventsMax)), 0, 2 * batchEventsMax, refuse);
    expect(sent().map((batches) => batches.map(({ length }) => length))).toEqual([[batchEventsMax], []]);

    const more = 2 * (sentBatchEventsMax - batchEventsMax);
    edge.send(batchOf(range(more)), 0, more, refuse);
    expect(sent()[1]!.map(({ length }) => length)).toEqual([sentBatchEventsMax]);
  });

  test("tells the newest watermark when it is flushed, and the last one before the end in any case", () => {
    const { edge, refuse } = edgeTo([0], groupings.forward);
    const watermarks = () => {
      const times: number[] = [];
      const { outbox } = edge.channels[0]!;
      for (let sent = outbox.next(); sent !== undefined; sent = outbox.next()) {
        if (sent.item.kind === "watermark") times.push(sent.item.time);
      }
      return times;
    };
    edge.advance({ time: 1, isIdle: false }, refuse);
    edge.advance({ time: 2, isIdle: false }, refuse);
    edge.flush(refuse);
    expect(watermarks()).toEqual([2]);

    edge.advance({ time: 3, isIdle: false }, refuse);
    edge.advance({ time: 4, isIdle: false }, refuse);
    edge.advance(lastWatermark, refuse);
    edge.flush(refuse);

    expect(watermarks()).toEqual([4, Number.POSITIVE_INFINITY]);
  });

  test("sends the range that it was given, and no more", () => {
    const { edge, refuse, sent } = edgeTo([0], groupings.forward);
    edge.send(batchOf(range(10)), 3, 6, refuse);
    edge.flush(refuse);

    expect(sent()).toEqual([[[3, 4, 5]]]);
  });

  test("refuses events that no target takes, and sends the others", () => {
    const { edge, refuse, refused, sent } = edgeTo(
      [0, 0],
      groupings.custom((value) => value as number),
    );
    edge.send(batchOf([0, 7, 1, -1]), 0, 4, refuse);
    edge.flush(refuse);

    expect(sent()).toEqual([[[0]], [[1]]]);
    expect(refused).toMatchObject([
      { value: 7, error: { code: "ERR_ACT_PARTITION" } },
      { value: -1, error: { code: "ERR_ACT_PARTITION" } },
    ]);
  });

  test("to another host refuses what cannot be carried, by the path to it, and sends the rest in order", () => {
    const { edge, refuse, refused, sent } = edgeTo([1], groupings.forward);
    const values = [{ id: 1 }, { id: 2, call: () => 1 }, { id: 3 }, { id: 4 }, new (class Odd {})()];
    edge.send(batchOf(values), 0, 5, refuse);
    edge.flush(refuse);

    expect(sent().flat(2)).toEqual([{ id: 1 }, { id: 3 }, { id: 4 }]);
    expect(refused.map(({ value }) => value)).toEqual([values[1], values[4]]);
    expect(refused[0]?.error).toMatchObject({
      code: "ERR_RT_NOT_PLAIN_DATA",
      message: expect.stringContaining("event.call"),
    });
  });

  test("within a host hands everything over as it is", () => {
    const { edge, refuse, refused, sent } = edgeTo([0], groupings.forward);
    const value = { call: () => 1 };
    edge.send(batchOf([value]), 0, 1, refuse);
    edge.flush(refuse);

    expect(sent()[0]?.[0]?.[0]).toBe(value);
    expect(refused).toEqual([]);
  });

  test.each([0, 1])("cuts what is long into batches of so many events, to host %i", (host) => {
    const { edge, refuse, sent } = edgeTo([host], groupings.forward);
    const values = range(2 * channelBatchEventsMax + 1);
    edge.send(batchOf(values), 0, values.length, refuse);

    const [batches] = sent();
    expect(batches?.map(({ length }) => length)).toEqual([channelBatchEventsMax, channelBatchEventsMax, 1]);
    expect(batches?.flat()).toEqual(values);
  });

  test("cuts what is large into batches of about so many bytes, to another host, and tells progress of each", () => {
    const progress = new Int32Array(1);
    const { edge, refuse, refused, sent } = edgeTo([1], groupings.forward, progress);
    const text = "x".repeat(batchBytesSoft / 8);
    const values = [...range(8).map((id) => ({ id, text })), { id: 8, text, call: () => 1 }, { id: 9, text }];
    edge.send(batchOf(values), 0, values.length, refuse);
    edge.flush(refuse);

    const [batches] = sent();
    expect(batches?.flat()).toEqual([...values.slice(0, 8), values[9]]);
    expect(Math.max(...batches!.map(({ length }) => length))).toBeLessThan(4);
    expect(progress[0]).toBe(batches?.length);
    expect(refused.map(({ value }) => value)).toEqual([values[8]]);
  });

  test("refuses what cannot be read as any other event", () => {
    const { edge, refuse, refused, sent } = edgeTo([1], groupings.forward);
    const unreadable = {
      get n(): number {
        throw new Error("no number");
      },
    };
    edge.send(batchOf([1, unreadable, 2]), 0, 3, refuse);
    edge.flush(refuse);

    expect(sent().flat(2)).toEqual([1, 2]);
    expect(refused.map(({ value }) => value)).toEqual([unreadable]);
  });

  test("judges the load of a target by what it has not consumed", () => {
    const { edge, refuse, sent } = edgeTo([0, 0], groupings.leastLoaded);
    edge.send(batchOf(range(20)), 0, 20, refuse);
    edge.flush(refuse);
    sent();
    edge.channels[1]?.outbox.grant(1, 10, 10);

    edge.send(batchOf(range(10)), 0, 10, refuse);
    edge.flush(refuse);
    expect(sent().map((batches) => batches.flat().length)).toEqual([0, 10]);
  });
});
