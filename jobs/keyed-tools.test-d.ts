/** What the compiler knows of the tools of keyed streams. Checked by `tsc`, never run. */

import { expectTypeOf } from "vitest";
import { type Aggregate, aggregate, count, type Forecast, max, type Numbered, sum } from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import { sampleSource } from "./fixtures/sample-specs.ts";
import type { KeyedValue } from "./keyed-stream.ts";
import type { Stream } from "./stream.ts";

interface Reading {
  readonly sensor: string;
  readonly id: number;
  readonly degrees: number;
}

defineJob("types", (job) => {
  const readings = job.source("readings", sampleSource<Reading>()).keyBy(({ sensor }) => sensor);

  const once = readings.dedupe("once", { by: ({ id }) => id, within: "1h", parallelism: 4 });
  expectTypeOf(once).toExtend<Stream<Reading>>();
  expectTypeOf(once.late()).toEqualTypeOf<Stream<Reading>>();
  // @ts-expect-error without a time the state would grow for ever
  readings.dedupe("unbounded", { by: ({ id }) => id });
  // @ts-expect-error an id is a key
  readings.dedupe("objects", { by: (reading) => reading, within: "1h" });

  expectTypeOf(readings.inOrder("in-order", { waitingMax: 10 }).late()).toEqualTypeOf<Stream<Reading>>();
  expectTypeOf(readings.numbered("numbers")).toExtend<Stream<Numbered<Reading>>>();

  expectTypeOf(readings.changes("moved", (before, now) => before.degrees === now.degrees)).toExtend<Stream<Reading>>();
  // @ts-expect-error a field that the event does not have
  readings.changes("wrong", (before, now) => before.celsius === now.celsius);

  expectTypeOf(readings.aggregate("n", count())).toExtend<Stream<KeyedValue<string, number>>>();
  readings
    .aggregate(
      "sum",
      sum(({ degrees }) => degrees),
    )
    .map("value", ({ key, value }) => {
      expectTypeOf(key).toEqualTypeOf<string>();
      expectTypeOf(value).toEqualTypeOf<number>();
      return value;
    });
  readings
    .aggregate("several", aggregate({ n: count(), name: max(({ sensor }) => sensor) }), { ttl: "1d", ttlFrom: "read" })
    .map("value", ({ value }) => {
      expectTypeOf(value).toEqualTypeOf<{ n: number; name: string }>();
      return value;
    });
  const own: Aggregate<Reading, number, string> = { create: () => 0, add: (n) => n + 1, finish: String };
  expectTypeOf(readings.aggregate("own", own)).toExtend<Stream<KeyedValue<string, string>>>();
  // @ts-expect-error an option that does not exist
  readings.aggregate("option", count(), { tll: "1d" });

  const load = readings.holtWinters("load", ({ degrees }) => degrees, {
    season: 24,
    alpha: 0.3,
    beta: 0.1,
    gamma: 0.2,
  });
  expectTypeOf(load).toExtend<Stream<Forecast<Reading, string>>>();
  load.map("alarm", ({ key, event, score, next }) => {
    expectTypeOf(key).toEqualTypeOf<string>();
    expectTypeOf(event).toEqualTypeOf<Reading>();
    expectTypeOf(score).toEqualTypeOf<number | undefined>();
    expectTypeOf(next).toEqualTypeOf<number | undefined>();
    return key;
  });
  expectTypeOf(readings.zScore("z", ({ degrees }) => degrees)).toExtend<Stream<Forecast<Reading, string>>>();
  expectTypeOf(readings.smooth("s", ({ id }) => id, { alpha: 1 })).toExtend<Stream<Forecast<Reading, string>>>();
  // @ts-expect-error a value that is no number
  readings.zScore("text", ({ sensor }) => sensor);
  // @ts-expect-error a weight is needed
  readings.smooth("weightless", ({ degrees }) => degrees);
  // @ts-expect-error a season is needed
  readings.holtWinters("seasonless", ({ degrees }) => degrees, { alpha: 0.3, beta: 0.1, gamma: 0.2 });
});
