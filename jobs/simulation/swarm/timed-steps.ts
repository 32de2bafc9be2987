/** What of a job of the swarm goes by event time: its sources, windows and joins. */

import {
  type Aggregate,
  every,
  type ProcessContext,
  type ProcessOperator,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
} from "../../../actors/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { Stream } from "../../stream.ts";
import { bare } from "./swarm-branch.ts";
import { instanceOf } from "./swarm-item.ts";
import { matched, matchKey, patternOf, type SwarmMatchStep } from "./swarm-match.ts";
import type { SwarmItem, SwarmPlan, SwarmSource, SwarmTime, SwarmTimedStep } from "./swarm-plan.ts";
import {
  eventTimeOf,
  inWindow,
  joined,
  joinKey,
  type SwarmJoinStep,
  type SwarmTableStep,
  type SwarmWindowStep,
  splitOf,
  tooLate,
  windowNames,
  withRow,
} from "./swarm-time.ts";

/** What a source reads, with event time; as it is, where the plan has none. */
export function timedSource(
  read: Stream<SwarmItem>,
  source: SwarmSource,
  { time, versions }: SwarmPlan,
): Stream<SwarmItem> {
  if (time === undefined) return read;
  const { disorderMs, splitCount, idleAfterMs, maxDriftMs } = time;
  return read.eventTime(
    `${source.name}-time`,
    {
      time: (item) => eventTimeOf(time, item),
      outOfOrderness: disorderMs,
      splitBy: (item) => {
        const split = splitOf(splitCount, item.seq);
        // Two shares of one reader are two splits.
        return versions === undefined ? split : `${instanceOf(item)} ${split}`;
      },
      idleAfter: idleAfterMs ?? false,
      ...(maxDriftMs === undefined ? {} : { maxDrift: maxDriftMs }),
    },
    { parallelism: source.instances ?? source.parallelism },
  );
}

/** @param flow the stream of a name */
export function timedStep(
  step: SwarmTimedStep,
  flow: (name: string) => Stream<SwarmItem>,
  time: SwarmTime,
  guarantee: Guarantee,
): Stream<SwarmItem> {
  switch (step.kind) {
    case "window":
      return windowStep(step, flow, time, guarantee);
    case "table-join":
      return tableStep(step, flow, guarantee);
    case "match":
      return matchStep(step, flow, time, guarantee);
    case "watch":
      return flow(step.input).process<SwarmItem>(step.name, () => new WatchingOperator(), {
        parallelism: step.parallelism,
      });
    default:
      return joinStep(step, flow);
  }
}

function windowStep(
  step: SwarmWindowStep,
  flow: (name: string) => Stream<SwarmItem>,
  time: SwarmTime,
  guarantee: Guarantee,
): Stream<SwarmItem> {
  const { name, input, parallelism, earlyEvery, latenessMs, isUnkeyed } = step;
  const names = windowNames(step, time, guarantee);
  // What a window has told it does not tell again, so that each event is told once.
  const tellsAgain = earlyEvery !== undefined || latenessMs > 0;
  const given = isUnkeyed ? flow(input).toOne() : flow(input).keyBy(({ key }) => key);
  const results = given.window(name, assignerOf(step), step.merges ? { ...listed, merge: together } : listed, {
    parallelism,
    allowedLateness: latenessMs,
    ...(earlyEvery === undefined ? {} : { early: every(earlyEvery) }),
    ...(tellsAgain ? { panes: "discarding" } : {}),
  });
  const main = results.flatMap(`${name}-out`, ({ window: { start, end }, value }) =>
    value.map((item) => inWindow(item, names, start, end, value.length)),
  );
  if (time.idleAfterMs !== undefined) {
    return main.union(results.late().map(`${name}-late`, (item) => inWindow(item, "none", 0, 0, 0)));
  }
  // What a source sends again may be late, and be in its windows already. Where nothing can be late, it is left to events that are put
  // together on their way to show it: they are not where late ones are taken.
  const isTaken = guarantee === "at-most-once" || (guarantee === "exactly-once" && !step.merges);
  return isTaken ? main.union(results.late().map(`${name}-late`, tooLate)) : main;
}

function assignerOf({ form, sizeMs, slideMs }: SwarmWindowStep): WindowAssigner<SwarmItem> {
  switch (form) {
    case "tumbling":
      return tumbling(sizeMs);
    case "sliding":
      return sliding(sizeMs, slideMs);
    case "session":
      return session(sizeMs);
  }
}

function joinStep(step: SwarmJoinStep, flow: (name: string) => Stream<SwarmItem>): Stream<SwarmItem> {
  const { kind, name, input, right, parallelism, sizeMs, type } = step;
  const byKey = (each: string) => flow(each).keyBy((item) => joinKey(step, item));
  if (kind === "interval-join") {
    const interval = { lower: -sizeMs, upper: sizeMs };
    return byKey(input).intervalJoin(name, byKey(right), interval, joined, { type, parallelism });
  }
  return byKey(input)
    .windowJoin(name, byKey(right), tumbling(sizeMs), joined, { type, parallelism })
    .map(`${name}-out`, ({ value }) => value);
}

function tableStep(
  step: SwarmTableStep,
  flow: (name: string) => Stream<SwarmItem>,
  guarantee: Guarantee,
): Stream<SwarmItem> {
  const { name, input, right, parallelism } = step;
  const key = (item: SwarmItem): number => joinKey(step, item);
  const table = flow(right).asTable(`${name}-table`, key, { parallelism });
  return flow(input)
    .keyBy(key)
    .joinTable(name, table, (item, row) => withRow(item, row !== undefined, guarantee), {
      ...{ type: "left", awaitTable: true, parallelism },
    });
}

function matchStep(
  step: SwarmMatchStep,
  flow: (name: string) => Stream<SwarmItem>,
  time: SwarmTime,
  guarantee: Guarantee,
): Stream<SwarmItem> {
  const { name, input, parallelism } = step;
  const matches = flow(input)
    .keyBy((item) => matchKey(step, item, time))
    .match(name, patternOf(step, time), matched, { parallelism });
  // What comes again may be late, and without its partner.
  if (guarantee !== "exactly-once") return matches;
  const outOfTime = matches.timedOut().map(`${name}-alone`, matched);
  return matches.union(outOfTime, matches.late().map(`${name}-late`, tooLate));
}

class WatchingOperator implements ProcessOperator<SwarmItem, SwarmItem> {
  onEvent(item: SwarmItem, context: ProcessContext<SwarmItem>): void {
    const { time = Number.NEGATIVE_INFINITY, watermark } = context;
    context.emit(time > watermark ? bare(item) : tooLate(bare(item)));
  }
}

/** The events of a window; a list that changes, so that it matters who else has it. */
const listed: Aggregate<SwarmItem, SwarmItem[], SwarmItem[]> = {
  create: () => [],
  add(items, item) {
    items.push(item);
    return items;
  },
  finish: (items) => [...items],
};

function together(into: SwarmItem[], from: SwarmItem[]): SwarmItem[] {
  into.push(...from);
  return into;
}
