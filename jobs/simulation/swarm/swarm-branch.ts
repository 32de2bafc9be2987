/**
 * SwarmBranch: something more that is made of a flow of a swarm, with a sink of its own: what a user builds beside maps, counts, windows and
 * joins. And what it makes of items: the same words in the job and in its model.
 *
 * What comes out of a branch carries no counts, and is named so that nothing else in its sink is equal to it.
 */

import { idOf } from "./swarm-item.ts";
import type { SwarmItem } from "./swarm-plan.ts";

interface Branch {
  readonly name: string;
  /** A source or a step. */
  readonly input: string;
  readonly parallelism: number;
}

export type SwarmBranch = Branch &
  (
    | { /** Each instance hands on what all are given. */ readonly kind: "copies" }
    | {
        /** Hands on what comes; at its end each instance tells all rules that it was given, in pieces. */
        readonly kind: "rules";
        readonly right: string;
      }
    | {
        /** A timer of processing time tells each item, or the end. */ readonly kind: "timers";
        readonly delayMs: number;
      }
    | {
        /** Event time tells each item when it has come to it: a timer of its own, or by `inOrder`. */
        readonly kind: "due";
        readonly by: "timer" | "order";
      }
    | {
        /** Items of a key, put together in an aggregate that is told at the end, on one thread or on the way there. */
        readonly kind: "together";
      }
    | {
        /** Calls that take a while, several at once. */
        readonly kind: "calls";
        readonly order: "per-key" | "unordered";
        readonly concurrency: number;
      }
    | { /** Every other item goes to an output of its own, and they meet behind it. */ readonly kind: "outputs" }
    | {
        /** Gives each `modulo`-th item up, and takes what was given up as a stream. */ readonly kind: "letters";
        readonly modulo: number;
      }
    | {
        /** A table of all items, and one worked out of it by groups: what its rows are in the end. */
        readonly kind: "table";
        readonly form: SwarmTableForm;
        readonly groupCount: number;
      }
  );

/** `running`: takes rows back; `rows`: keeps them; `top`: the highest numbers of each group. */
export type SwarmTableForm = "running" | "rows" | "top";

export type SwarmBranchOf<Kind extends SwarmBranch["kind"]> = Extract<SwarmBranch, { readonly kind: Kind }>;

/** Rows of a group that are at the top. */
export const topCount = 3;

/** An item as branches tell it. */
export function bare(item: SwarmItem): SwarmItem {
  return { ...item, counts: [] };
}

/** As an instance tells it that is one of those that were given it. */
export function toldBy(item: SwarmItem, instance: number): SwarmItem {
  return { ...bare(item), lane: `${item.lane} told by ${instance}` };
}

export function givenUp(item: SwarmItem): SwarmItem {
  return { ...bare(item), lane: `${item.lane} given up` };
}

export function isGivenUp({ seq }: SwarmItem, { modulo }: SwarmBranchOf<"letters">): boolean {
  return seq % modulo === 0;
}

export function groupOf({ seq }: SwarmItem, { groupCount }: SwarmBranchOf<"table">): number {
  return seq % groupCount;
}

/** What a group holds: how many items, and the sum of their numbers. */
export interface GroupSum {
  readonly count: number;
  readonly sum: number;
}

export function groupRow(group: number, { count, sum }: GroupSum): SwarmItem {
  return { key: `group ${group}`, seq: count, lane: ` of ${sum}`, counts: [] };
}

/** Which of two rows of a group comes first. */
export function higher(left: SwarmItem, right: SwarmItem): number {
  return right.seq - left.seq || (idOf(left) < idOf(right) ? -1 : 1);
}
