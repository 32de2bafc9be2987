import { expect, test } from "vitest";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { SwarmMatchStep } from "./swarm-match.ts";
import type { SwarmItem, SwarmTime } from "./swarm-plan.ts";
import type { SwarmJoinStep, SwarmWindowStep } from "./swarm-time.ts";
import { timedModel } from "./timed-model.ts";

const time: SwarmTime = {
  ...{ stepMs: 10, disorderMs: 0, splitCount: 1, idleAfterMs: undefined, maxDriftMs: undefined },
  steps: [],
};
const item = (seq: number): SwarmItem => ({ key: "k", seq, lane: "", counts: [] });
const items = (...seqs: number[]) => seqs.map(item);

const window: SwarmWindowStep = {
  ...{ kind: "window", name: "window0", input: "source0", parallelism: 1, form: "tumbling" },
  ...{ sizeMs: 20, slideMs: 20, merges: false, earlyEvery: undefined, latenessMs: 0 },
};
const shown = (step: SwarmWindowStep, seqs: readonly number[]) =>
  timedModel(step, [items(...seqs)], time, "exactly-once").map(({ seq, lane }) => `${seq}${lane}`);

test("each event is in its windows once, which are called by what they hold", () => {
  expect(shown(window, [0, 1, 2])).toEqual(["0@0+20:2", "1@0+20:2", "2@20+20:1"]);
  expect(shown({ ...window, form: "sliding", sizeMs: 40 }, [2])).toEqual(["2@20+40:1", "2@0+40:1"]);
});

test("an event one gap behind another starts a session of its own", () => {
  expect(shown({ ...window, form: "session" }, [0, 1, 3])).toEqual(["0@0+30:2", "1@0+30:2", "3@30+20:1"]);
});

test("an event is late at most where one of another split, read before it, can have closed its window, and splits are forgotten", () => {
  const splits = { ...time, splitCount: 3 };
  const late = (step: SwarmWindowStep, given: SwarmTime, guarantee: Guarantee) =>
    timedModel(step, [items(0, 1, 2, 3, 4, 5, 6)], given, guarantee)
      .filter(({ lane }) => lane.endsWith("too late"))
      .map(({ seq }) => seq);
  // Times are 0, 50, 100, 30, 80, 130, 60.
  const session: SwarmWindowStep = { ...window, form: "session", sizeMs: 70 };

  expect(late(session, splits, "at-most-once")).toEqual([3, 6]);
  expect(late(session, { ...splits, disorderMs: 5 }, "at-most-once")).toEqual([]);
  expect(late({ ...session, sizeMs: 71 }, splits, "at-most-once")).toEqual([]);
  expect(late(window, splits, "at-most-once")).toEqual([3, 4, 6]);
  expect(late({ ...window, form: "sliding", sizeMs: 60 }, splits, "at-most-once")).toEqual([3, 6]);
  expect(late(window, splits, "at-least-once")).toEqual([]);
  expect(late(window, splits, "exactly-once")).toEqual([]);
  expect(late(window, time, "at-most-once")).toEqual([]);
});

test("partners have the same key and are near enough, or in the same window", () => {
  const join: SwarmJoinStep = {
    ...{ kind: "interval-join", name: "join0", input: "left", right: "right", parallelism: 1 },
    ...{ sizeMs: 20, type: "full", keyCount: 2 },
  };
  const pairs = (step: SwarmJoinStep) =>
    timedModel(step, [items(0, 1), items(2, 4)], time, "exactly-once").map(({ key }) => key);

  expect(pairs(join)).toEqual(["k#0 k#2", "k#1 -", "- k#4"]);
  expect(pairs({ ...join, kind: "window-join", type: "left" })).toEqual(["k#0 -", "k#1 -"]);
});

test("patterns tell pairs that are in time and who has no partner, or three at a time in the order of their times", () => {
  const step: SwarmMatchStep = {
    ...{ kind: "match", name: "match", input: "source0", parallelism: 1 },
    ...{ form: "pairs", withinMs: 21, stride: 2 },
  };
  const told = (given: SwarmMatchStep, at: SwarmTime, guarantee: Guarantee = "exactly-once") =>
    timedModel(given, [items(0, 1, 2, 3, 5, 7)], at, guarantee).map(({ key }) => key);

  expect(told(step, time)).toEqual(["k#0 k#2", "k#1 k#3", "k#2 -", "k#3 k#5", "k#5 k#7", "k#7 -"]);
  expect(told(step, time, "at-least-once")).toEqual(["k#0 k#2", "k#1 k#3", "k#3 k#5", "k#5 k#7"]);
  expect(told({ ...step, form: "alone" }, time)).toEqual(["k#2 -", "k#7 -"]);
  expect(told({ ...step, withinMs: 20 }, time, "at-least-once")).toEqual([]);
  expect(told({ ...step, form: "threes" }, time)).toEqual(["k#0 k#1 k#2", "k#3 k#5 k#7"]);
  // Times are 0, -31, -1, 8, 47, 46.
  expect(told({ ...step, form: "threes" }, { ...time, disorderMs: 60 })).toEqual(["k#1 k#2 k#0", "k#3 k#7 k#5"]);
});
