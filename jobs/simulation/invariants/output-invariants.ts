/**
 * What a guarantee promises of the output of a sink, held against what the sink holds when nothing goes wrong.
 *
 * Events are compared by what they say, not by their order across the stream: under faults streams that meet interleave
 * differently.
 */

import { encode } from "../../../runtime/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import type { Violation } from "./violation.ts";

/** What one sink holds. */
export interface SinkOutput {
  readonly sink: string;
  readonly expected: readonly unknown[];
  readonly actual: readonly unknown[];
  /** The key of an event, within which the order is compared; undefined: no order is. */
  readonly keyOf: ((event: unknown) => unknown) | undefined;
}

/** What the guarantee does not allow; empty when it holds. */
export function outputViolations(output: SinkOutput, guarantee: Guarantee): Violation[] {
  const broken = [
    ...(guarantee === "at-most-once" ? [] : lostEvents(output)),
    ...(guarantee === "at-least-once" ? [] : repeatedEvents(output)),
  ];
  // Of what is missing or too much the order says nothing.
  if (guarantee === "at-least-once" || broken.length > 0) return broken;
  return disorderedEvents(output, guarantee === "at-most-once" ? "allowed" : "none");
}

/** I1 no loss. */
function lostEvents({ sink, expected, actual }: SinkOutput): Violation[] {
  const missing = differences(tally(expected), tally(actual));
  return missing.length === 0 ? [] : [{ invariant: "I1", message: `${sink}: missing ${some(missing)}` }];
}

/** I2 no duplicate. */
function repeatedEvents({ sink, expected, actual }: SinkOutput): Violation[] {
  const surplus = differences(tally(actual), tally(expected));
  return surplus.length === 0 ? [] : [{ invariant: "I2", message: `${sink}: more than expected ${some(surplus)}` }];
}

/** I3 order within a key: without gap, or, where events may be lost, with gaps. */
function disorderedEvents({ sink, expected, actual, keyOf }: SinkOutput, gaps: "none" | "allowed"): Violation[] {
  if (keyOf === undefined) return [];
  const wanted = byKey(expected, keyOf);
  for (const [key, events] of byKey(actual, keyOf)) {
    const order = wanted.get(key) ?? [];
    let next = 0;
    for (const [index, text] of events.entries()) {
      const at = gaps === "none" ? next : order.indexOf(text, next);
      if (at === -1 || order[at] !== text) {
        const instead = gaps === "none" ? `, not ${order[next]}` : `, behind what it comes before`;
        return [{ invariant: "I3", message: `${sink}: key ${key} has ${text} in place ${index + 1}${instead}` }];
      }
      next = at + 1;
    }
  }
  return [];
}

type Tally = ReadonlyMap<string, number>;

function tally(events: readonly unknown[]): Tally {
  const counts = new Map<string, number>();
  for (const event of events) {
    const text = textOf(event);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** What is in `left` more often than in `right`, and how much more often. */
function differences(left: Tally, right: Tally): (readonly [text: string, times: number])[] {
  return [...left].flatMap(([text, times]) => {
    const more = times - (right.get(text) ?? 0);
    return more > 0 ? [[text, more] as const] : [];
  });
}

function byKey(events: readonly unknown[], keyOf: (event: unknown) => unknown): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(events.map(textOf).entries(), ([index]) => textOf(keyOf(events[index])))
    .entries()
    .reduce(
      (groups, [key, entries]) =>
        groups.set(
          key,
          entries.map(([, text]) => text),
        ),
      new Map<string, string[]>(),
    );
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
