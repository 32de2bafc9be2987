/**
 * Watches servers, and tells within a second when something is wrong with one of them:
 *
 *   overload    its mean load over half a second is above 90 %: a sliding window, told when that begins
 *   errors      three errors within a second: a pattern
 *   silence     nothing for half a second: a pattern of what does not come. It goes by event time, which the other servers let go
 *               on, so that a job that is slow takes nobody for silent
 */

import { aggregate, defineJob, max, mean, pattern, sliding, tcpListen } from "../../jobs/index.ts";
import type { Signal } from "./signal.ts";

export interface Alert {
  readonly server: string;
  readonly what: "overload" | "errors" | "silence";
  /** The moment from which on it could be known, in ms since the epoch: of the event that tipped it, or when one was due. */
  readonly at: number;
}

export interface MonitoringParams {
  /** The port that servers send their lines to. */
  readonly port: number;
}

/** Signals of different servers may overtake each other by so much. */
const disorderMs = 100;
const silenceMs = 500;
const loadMax = 0.9;

const silence = pattern<Signal>()
  .begin("last", () => true)
  .notFollowedBy("next", () => true)
  .within(silenceMs);

const errorBurst = pattern<Signal>()
  .begin("errors", (signal) => signal.kind === "log" && signal.level === "error")
  .times(3)
  .within("1s");

export default defineJob("monitoring", import.meta.url, (job, { port }: MonitoringParams) => {
  const signals = job
    .source("servers", tcpListen({ port }))
    .map("signal", (line) => JSON.parse(line) as Signal)
    .eventTime("at", { time: ({ at }) => at, outOfOrderness: disorderMs });
  const byServer = signals.keyBy(({ server }) => server);

  const overloaded = signals
    .filter("loads", (signal) => signal.kind === "load")
    .keyBy(({ server }) => server)
    .window("load", sliding("500ms", "100ms"), aggregate({ load: mean(({ load }) => load), at: max(({ at }) => at) }))
    .map("judged", ({ key: server, value }) => ({ server, isOver: value.load > loadMax, at: value.at }))
    .keyBy(({ server }) => server)
    .changes("turned", (before, now) => before.isOver === now.isOver)
    .filter("overloaded", ({ isOver }) => isOver)
    .map("overload", ({ server, at }): Alert => ({ server, what: "overload", at }));

  const failing = byServer
    .match("error-burst", errorBurst, ({ key: server, time = 0 }): Alert => ({ server, what: "errors", at: time }))
    .keyBy(({ server }) => server)
    .dedupe("errors", { within: "2s" });

  const silent = byServer.match("silence", silence, ({ key: server, captured: { last } }): Alert => {
    return { server, what: "silence", at: last[0]!.at + silenceMs };
  });

  overloaded.union(failing, silent).output("alerts");
});
