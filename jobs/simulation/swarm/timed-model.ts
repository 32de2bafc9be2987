/** timedModel: what comes out of a window or a join when nothing is lost or doubled, and what may be late, where something can. */

import type { Guarantee } from "../../epochs/guarantee.ts";
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
