import { expect, test } from "vitest";
import type { WatchQuery } from "../host/frame.ts";
import { Directory } from "./directory.ts";

function harness() {
  const told: string[] = [];
  const checks: WatchQuery[] = [];
  const directory = new Directory({
    terminated: (watcher, path, reason) => told.push(`${watcher.path}@${watcher.host}: ${path} ${reason}`),
    check: (query) => checks.push(query),
  });
  const start = (path: string, host: number, supervisorHost = 0) =>
    directory.onFact({ kind: "actor-started", path, host, incarnation: 0, supervisorHost });
  const stop = (path: string) => directory.onFact({ kind: "actor-stopped", path, host: 1, reason: "stopped" });
  const watch = (watcher: string, path: string, host = 1, kind: WatchQuery["kind"] = "watch") =>
    directory.onWatch({ kind, path, host, watcher, watcherHost: 2 });
  return { directory, told, checks, start, stop, watch };
}

test("D1: tells each watcher of a termination once", () => {
  const { told, checks, start, stop, watch } = harness();
  start("a", 1);
  watch("w", "a");
  watch("w", "a");
  watch("v", "a");

  stop("a");
  stop("a");

  expect(told).toEqual(["w@2: a stopped", "v@2: a stopped"]);
  expect(checks).toEqual([]);
});

test("D1: asks the host about an actor it does not know, and tells only who waits for that answer", () => {
  const { directory, told, checks, start, watch } = harness();
  watch("w", "ghost", 1);
  watch("v", "late", 1);
  expect(checks.map(({ kind, path }) => `${kind} ${path}`)).toEqual(["check ghost", "check late"]);

  directory.onWatch({ ...(checks[0] as WatchQuery), kind: "unknown" });
  start("late", 1);
  directory.onWatch({ ...(checks[1] as WatchQuery), kind: "unknown" });

  expect(told).toEqual(["w@2: ghost unknown"]);
  expect(directory.find("late")).toEqual({ path: "late", host: 1 });
});

test("D1: asks a replaced host again about those it does not know", () => {
  const { directory, checks, start, watch } = harness();
  start("known", 1);
  for (const path of ["known", "ghost"]) watch("w", path, 1);
  watch("w", "elsewhere", 2);
  checks.length = 0;

  directory.checkAgain(1);

  expect(checks.map(({ path }) => path)).toEqual(["ghost"]);
});

test("D2: keeps nothing of watches that were taken back, told, or whose watcher has stopped", () => {
  const { directory, told, start, stop, watch } = harness();
  for (const path of ["a", "b", "w"]) start(path, 1);
  for (const path of ["a", "b", "ghost"]) watch("w", path);
  watch("v", "a");
  watch("v", "a", 1, "unwatch");
  expect(directory.watchCount).toBe(3);

  stop("w");
  stop("a");

  expect(directory.watchCount).toBe(0);
  expect(told).toEqual([]);
});

test("names those that are lost with a host: they live there under a supervisor that does too", () => {
  const { directory, start } = harness();
  start("top", 1, 0);
  start("top/child", 1, 1);
  start("other/child", 2, 2);

  expect(directory.lostWith(1)).toEqual(["top/child"]);
});
