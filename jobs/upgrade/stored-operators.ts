/**
 * StoredOperators: a checkpoint by operator and instance, whatever cells they were in: where each source stood, which had ended, and
 * their state. What the comparison and the moving of a checkpoint into another graph are made from.
 */

import {
  type ChannelWatermark,
  mergedEntries,
  plainForm,
  type StateEntry,
  type StateForm,
} from "../../actors/index.ts";
import type { OperatorManifest } from "../store/file/store-manifest.ts";

/** What is stored of a cell besides the state of its operators. Which of its inputs have ended follows from what has ended. */
export interface StoredStanding {
  readonly position: unknown;
  readonly ended: boolean;
  /** Of a cell that has not ended, though its input has: the number of its operators, its source not counted, that have. */
  readonly reopenedAt: number | undefined;
  /** Of its inputs. */
  readonly watermarks: readonly ChannelWatermark[];
}

export interface StoredInstance {
  /** Of a replayable source; undefined for every other operator. */
  readonly position: unknown;
  /** Whether it had given its last results. */
  readonly ended: boolean;
  /** How far event time had come at its cell, in ms since the epoch; -Infinity before the first watermark. */
  readonly watermark: number;
  /** Its state, oldest first. */
  readonly deltas: readonly Uint8Array[];
}

export interface StoredOperator {
  readonly facts: OperatorManifest;
  readonly instances: readonly StoredInstance[];
}

/** By name, in the order of the graph that they were in. */
export type StoredOperators = ReadonlyMap<string, StoredOperator>;

/** One state of an operator, over all its instances. */
export interface StoredState {
  readonly name: string;
  readonly form: StateForm;
  readonly keyCount: number;
}

/** A piece of what is stored of an instance, by the operator at the head of its cell or its own. */
export interface StoredPiece<T> {
  readonly operator: string;
  readonly instance: number;
  readonly content: T;
}

/**
 * @param standings of cells, by the operators at their heads
 * @param deltas of operators, of each instance oldest first
 */
export function storedOperators(
  operators: readonly OperatorManifest[],
  standings: readonly StoredPiece<StoredStanding>[],
  deltas: readonly StoredPiece<Uint8Array>[],
): StoredOperators {
  const standingOf = new Map(standings.map(({ operator, instance, content }) => [`${operator}/${instance}`, content]));
  const stageOf = stagesOf(operators);
  const deltasOf = Map.groupBy(deltas, ({ operator, instance }) => `${operator}/${instance}`);
  return new Map(
    operators.map((facts) => [
      facts.name,
      {
        facts,
        instances: Array.from({ length: facts.parallelism }, (_, instance): StoredInstance => {
          const standing = standingOf.get(`${facts.head}/${instance}`);
          return {
            position: facts.kind === "source" ? standing?.position : undefined,
            ended: standing !== undefined && hasEnded(standing, stageOf.get(facts.name) ?? 0),
            watermark: lowest((standing?.watermarks ?? []).map(([, time]) => time)),
            deltas: (deltasOf.get(`${facts.name}/${instance}`) ?? []).map(({ content }) => content),
          };
        }),
      },
    ]),
  );
}

/** Of watermarks; -Infinity of none. */
export function lowest(times: readonly number[]): number {
  return times.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...times);
}

/** The number of each operator in its chain, from 0; of a source at its head -1. */
function stagesOf(operators: readonly OperatorManifest[]): ReadonlyMap<string, number> {
  const stages = new Map<string, number>();
  for (const [head, chain] of Map.groupBy(operators, (facts) => facts.head)) {
    const first = chain.some(({ name, kind }) => name === head && kind === "source") ? -1 : 0;
    for (const [index, { name }] of chain.entries()) stages.set(name, first + index);
  }
  return stages;
}

function hasEnded({ ended, reopenedAt }: StoredStanding, stage: number): boolean {
  return ended || (reopenedAt !== undefined && stage < reopenedAt);
}

/** What an instance holds, without what was removed. */
export function entriesOf({ deltas }: StoredInstance): readonly StateEntry[] {
  return mergedEntries(deltas);
}

/** The states of an operator, by name and form. Reads all of them. */
export function statesOf({ instances }: StoredOperator): readonly StoredState[] {
  const states = new Map<string, { readonly name: string; readonly form: StateForm; keyCount: number }>();
  for (const instance of instances) {
    for (const [name, , , , form = plainForm] of entriesOf(instance)) {
      const key = JSON.stringify([name, form.kind, form.version, form.owner]);
      const state = states.get(key);
      if (state === undefined) states.set(key, { name, form, keyCount: 1 });
      else state.keyCount += 1;
    }
  }
  return [...states.values()];
}

/** Whether nothing of it would be missed. */
export function holdsNothing(operator: StoredOperator): boolean {
  return (
    operator.instances.every(({ position, ended }) => position === undefined || ended) &&
    statesOf(operator).length === 0
  );
}
