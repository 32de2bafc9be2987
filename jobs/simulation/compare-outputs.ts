/**
 * compareOutputs: what a guarantee promises about the output of a run under faults, held against that of a run without.
 *
 * Events are compared by what they say, not by their order across the stream: under faults streams that meet interleave
 * differently. The order within a key is compared where the caller says what the key of an event is. Results of state, such as
 * counts, can be compared under exactly-once only: events that are lost or repeated change what follows them.
 */

import { encode } from "../../runtime/index.ts";
import type { Guarantee } from "../epochs/guarantee.ts";

export interface CompareOptions {
  /** Names the sink in what is returned. */
  readonly sink: string;
  /** The key of an event, within which the order is compared; absent: no order is. */
  readonly keyOf?: (event: unknown) => unknown;
}

/** What the guarantee does not allow, a line each; empty when it holds. */
export function compareOutputs(
  expected: readonly unknown[],
  actual: readonly unknown[],
  guarantee: Guarantee,
  { sink, keyOf }: CompareOptions,
): string[] {
  const wanted = tally(expected);
  const found = tally(actual);
  const missing = differences(wanted, found);
  const surplus = differences(found, wanted);
  const broken: string[] = [];
  if (guarantee !== "at-most-once" && missing.length > 0) broken.push(`${sink}: missing ${some(missing)}`);
  if (guarantee !== "at-least-once" && surplus.length > 0) broken.push(`${sink}: more than expected ${some(surplus)}`);
  if (keyOf !== undefined && guarantee === "exactly-once" && broken.length === 0) {
    broken.push(...outOfOrder(expected, actual, sink, keyOf));
  }
  return broken;
}

type Tally = ReadonlyMap<string, number>;

function tally(events: readonly unknown[]): Tally {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(textOf(event), (counts.get(textOf(event)) ?? 0) + 1);
  return counts;
}

/** What is in `left` more often than in `right`, and how much more often. */
function differences(left: Tally, right: Tally): (readonly [text: string, times: number])[] {
  return [...left].flatMap(([text, times]) => {
    const more = times - (right.get(text) ?? 0);
    return more > 0 ? [[text, more] as const] : [];
  });
}

function outOfOrder(
  expected: readonly unknown[],
  actual: readonly unknown[],
  sink: string,
  keyOf: (event: unknown) => unknown,
): string[] {
  const wanted = byKey(expected, keyOf);
  for (const [key, events] of byKey(actual, keyOf)) {
    const index = events.findIndex((text, at) => text !== wanted.get(key)?.[at]);
    if (index >= 0)
      return [`${sink}: key ${key} has ${events[index]} in place ${index + 1}, not ${wanted.get(key)?.[index]}`];
  }
  return [];
}

function byKey(events: readonly unknown[], keyOf: (event: unknown) => unknown): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const event of events) {
    const key = textOf(keyOf(event));
    const group = groups.get(key) ?? [];
    group.push(textOf(event));
    groups.set(key, group);
  }
  return groups;
}

/** Equal for equal plain data; readable where JSON can say it. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Buffer.from(encode(value, "an event")).toString("base64");
  }
}

const shownMax = 3;

function some(differing: readonly (readonly [text: string, times: number])[]): string {
  const shown = differing.slice(0, shownMax).map(([text, times]) => (times === 1 ? text : `${times} x ${text}`));
  const rest = differing.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} others` : shown.join(", ");
}
