/** What windows infer, and what does not compile. Checked by `tsc`, never run. */

import { expectTypeOf } from "vitest";
import {
  type Aggregate,
  aggregate,
  collect,
  count,
  type KeyedWindowResult,
  max,
  quantile,
  session,
  sliding,
  tumbling,
  type WindowResult,
} from "../actors/index.ts";
import { defineJob } from "./define-job.ts";
import { sampleSource } from "./fixtures/sample-specs.ts";
import type { Stream, TimedStream } from "./stream.ts";

interface Call {
  readonly path: string;
  readonly ms: number;
}

defineJob("windows", (job) => {
  const calls = job.source("calls", sampleSource<Call>());
  const perPath = calls.keyBy(({ path }) => path);

  const several = perPath.window(
    "several",
    tumbling("1m"),
    aggregate({ n: count(), p99: quantile(0.99, (call) => call.ms), last: max((call) => call.path) }),
    { allowedLateness: "5s", panes: "discarding" },
  );
  expectTypeOf(several).toEqualTypeOf<
    TimedStream<KeyedWindowResult<string, { n: number; p99: number; last: string }>, Call>
  >();
  expectTypeOf(several.late()).toEqualTypeOf<Stream<Call>>();

  const all = calls.window("all", sliding("1h", "1m"), collect());
  expectTypeOf(all).toEqualTypeOf<TimedStream<WindowResult<readonly Call[]>, Call>>();

  // One of your own, and a gap by the event.
  const own: Aggregate<Call, { longest: string }, string> = {
    create: () => ({ longest: "" }),
    add: (state, { path }) => (path.length > state.longest.length ? { longest: path } : state),
    merge: (into, from) => (from.longest.length > into.longest.length ? from : into),
    finish: ({ longest }) => longest,
  };
  const longest = perPath.window(
    "longest",
    session((call) => call.ms),
    own,
  );
  expectTypeOf(longest).toEqualTypeOf<TimedStream<KeyedWindowResult<string, string>, Call>>();

  // @ts-expect-error a field that the events do not have
  perPath.window("wrong-field", tumbling("1m"), aggregate({ size: max((call) => call.size) }));
  perPath.window(
    "wrong-gap",
    // @ts-expect-error a gap by a field that the events do not have
    session((call) => call.gap),
    count(),
  );
  // @ts-expect-error an aggregate of other events
  perPath.window("wrong-events", tumbling("1m"), collect<{ readonly size: number }>());
  // @ts-expect-error a duration without a unit that is known
  perPath.window("wrong-size", tumbling("1 minute"), count());
  // @ts-expect-error an option that there is not
  perPath.window("wrong-option", tumbling("1m"), count(), { lateness: "5s" });
});
