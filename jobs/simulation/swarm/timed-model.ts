/** timedModel: what comes out of a window or a join when nothing is lost or doubled, and what may be late, where something can. */

import type { Guarantee } from "../../epochs/guarantee.ts";
import { bare } from "./swarm-branch.ts";
import { arePartners as arePair, countOfThree, matchKey, type SwarmMatchStep, three } from "./swarm-match.ts";
import type { SwarmItem, SwarmTime, SwarmTimedStep } from "./swarm-plan.ts";
import {
  canBeLate,
  eventTimeOf,
  inWindow,
  joined,
  joinKey,
  type SwarmJoinStep,
  type SwarmTableStep,
  type SwarmWindowStep,
  tooLate,
  windowNames,
  withRow,
} from "./swarm-time.ts";

/** @param inputs the items of each input of the step */
export function timedModel(
  step: SwarmTimedStep,
  inputs: readonly (readonly SwarmItem[])[],
  time: SwarmTime,
  guarantee: Guarantee,
): SwarmItem[] {
  const [left = [], right = []] = inputs;
  switch (step.kind) {
    case "window":
      return windowed(step, left, time, guarantee);
    case "table-join":
      return inTable(step, left, right, guarantee);
    case "match":
      return matches(step, left, time, guarantee);
    case "watch":
      return left.map(bare);
    default:
      return paired(step, left, right, time);
  }
}

interface OpenWindow {
  readonly start: number;
  end: number;
  readonly items: SwarmItem[];
}

function windowed(
  step: SwarmWindowStep,
  items: readonly SwarmItem[],
  time: SwarmTime,
  guarantee: Guarantee,
): SwarmItem[] {
  const names = windowNames(step, time, guarantee);
  const told = [...Map.groupBy(items, ({ key }) => (step.isUnkeyed ? "" : key)).values()].flatMap((own) => {
    const windows = step.form === "session" ? sessions(step, own, time) : aligned(step, own, time);
    return windows.flatMap(({ start, end, items: held }) =>
      held.map((item) => inWindow(item, names, start, end, held.length)),
    );
  });
  // What is late is told as what is not.
  if (time.idleAfterMs !== undefined) return told;
  return [...told, ...items.filter((item) => canBeLate(step, item, time, guarantee)).map(tooLate)];
}

function aligned({ sizeMs, slideMs }: SwarmWindowStep, items: readonly SwarmItem[], time: SwarmTime): OpenWindow[] {
  const windows = new Map<number, OpenWindow>();
  for (const item of items) {
    const at = eventTimeOf(time, item);
    for (let start = at - (at % slideMs); start > at - sizeMs; start -= slideMs) {
      const window = windows.get(start) ?? { start, end: start + sizeMs, items: [] };
      windows.set(start, window);
      window.items.push(item);
    }
  }
  return [...windows.values()];
}

/** An event one gap behind the one before it starts a new one. */
function sessions({ sizeMs }: SwarmWindowStep, items: readonly SwarmItem[], time: SwarmTime): OpenWindow[] {
  const sorted = items.toSorted((left, right) => eventTimeOf(time, left) - eventTimeOf(time, right));
  const windows: OpenWindow[] = [];
  for (const item of sorted) {
    const at = eventTimeOf(time, item);
    const last = windows.at(-1);
    if (last === undefined || at >= last.end) windows.push({ start: at, end: at + sizeMs, items: [item] });
    else {
      last.end = at + sizeMs;
      last.items.push(item);
    }
  }
  return windows;
}

function matches(
  step: SwarmMatchStep,
  items: readonly SwarmItem[],
  time: SwarmTime,
  guarantee: Guarantee,
): SwarmItem[] {
  return [...Map.groupBy(items, (item) => matchKey(step, item, time)).values()].flatMap((own) => {
    if (step.form === "threes") {
      const sorted = own.toSorted((left, right) => eventTimeOf(time, left) - eventTimeOf(time, right));
      const count = Math.floor(sorted.length / countOfThree);
      return Array.from({ length: count }, (_, at) => three(sorted.slice(at * countOfThree, (at + 1) * countOfThree)));
    }
    const bySeq = new Map(own.map((item) => [item.seq, item]));
    return own.flatMap((first) => {
      const second = bySeq.get(first.seq + step.stride);
      const isPair =
        second !== undefined &&
        arePair(step.stride, time, first, second) &&
        eventTimeOf(time, second) - eventTimeOf(time, first) < step.withinMs;
      if (isPair) return step.form === "pairs" ? [joined(first, second)] : [];
      return step.form === "alone" || guarantee === "exactly-once" ? [joined(first, undefined)] : [];
    });
  });
}

function inTable(
  step: SwarmTableStep,
  lefts: readonly SwarmItem[],
  rights: readonly SwarmItem[],
  guarantee: Guarantee,
): SwarmItem[] {
  const rows = new Set(rights.map((item) => joinKey(step, item)));
  return lefts.map((item) => withRow(item, rows.has(joinKey(step, item)), guarantee));
}

function paired(
  step: SwarmJoinStep,
  lefts: readonly SwarmItem[],
  rights: readonly SwarmItem[],
  time: SwarmTime,
): SwarmItem[] {
  const rightsByKey = Map.groupBy(rights, (item) => joinKey(step, item));
  const results: SwarmItem[] = [];
  const withPartner = new Set<SwarmItem>();
  for (const left of lefts) {
    for (const right of rightsByKey.get(joinKey(step, left)) ?? []) {
      if (!arePartners(step, eventTimeOf(time, left), eventTimeOf(time, right))) continue;
      withPartner.add(left).add(right);
      results.push(joined(left, right));
    }
  }
  const alone = (item: SwarmItem): boolean => !withPartner.has(item);
  if (step.type === "left" || step.type === "full") {
    results.push(...lefts.filter(alone).map((left) => joined(left, undefined)));
  }
  if (step.type === "right" || step.type === "full") {
    results.push(...rights.filter(alone).map((right) => joined(undefined, right)));
  }
  return results;
}

function arePartners({ kind, sizeMs }: SwarmJoinStep, left: number, right: number): boolean {
  if (kind === "interval-join") return Math.abs(right - left) <= sizeMs;
  return Math.floor(left / sizeMs) === Math.floor(right / sizeMs);
}
