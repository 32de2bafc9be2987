/**
 * StoreParts: what a checkpoint is composed of. A further part is a file of its own beside this one, and a line in each of
 * the three lists here.
 */

import type { DatabaseSync } from "node:sqlite";
import { type LettersChange, type LettersContent, lettersPart } from "./letters-part.ts";
import type { RecordSum } from "./record-table.ts";
import { type StandingRecord, standingsPart } from "./standings-part.ts";
import { type DeltaRecord, type StateChange, statePart } from "./state-part.ts";
import type { StorePart } from "./store-part.ts";

interface PartChanges {
  readonly standings: readonly StandingRecord[];
  readonly state: readonly StateChange[];
  readonly letters: LettersChange;
}

/** What a checkpoint changes, by part; a part that is absent stays as it is. */
export type StoreChanges = Partial<PartChanges>;

/** What a checkpoint holds, by part. */
export interface StoreContents {
  readonly standings: readonly StandingRecord[];
  readonly state: readonly DeltaRecord[];
  readonly letters: LettersContent;
}

export type PartName = keyof StoreContents;

const storeParts: { readonly [Name in PartName]: StorePart<PartChanges[Name], StoreContents[Name]> } = {
  standings: standingsPart,
  state: statePart,
  letters: lettersPart,
};

export const partNames = Object.keys(storeParts) as readonly PartName[];

export type PartSums = Readonly<Record<PartName, RecordSum>>;

export const partsSchema = Object.values(storeParts)
  .map(({ schema }) => schema)
  .join("\n");

/** Writes all parts, in a transaction that is open; returns what their records are then. */
export function writeParts(database: DatabaseSync, epoch: number, changes: StoreChanges, before: PartSums): PartSums {
  const sums = { ...before };
  const write = <Name extends PartName>(name: Name) => {
    const change: PartChanges[Name] | undefined = changes[name];
    if (change !== undefined) sums[name] = storeParts[name].write(database, epoch, change, before[name]);
  };
  for (const name of partNames) write(name);
  return sums;
}

/** Takes everything out of all parts, in a transaction that is open; returns what their records are then. */
export function clearParts(database: DatabaseSync): PartSums {
  const sums = partNames.map((name) => [name, storeParts[name].clear(database)] as const);
  return Object.fromEntries(sums) as PartSums;
}

/** Reads all parts. Throws RecordDamage. */
export function readParts(
  database: DatabaseSync,
  epoch: number,
): { readonly contents: StoreContents; readonly sums: PartSums } {
  const contents: Partial<Record<PartName, unknown>> = {};
  const sums: Partial<Record<PartName, RecordSum>> = {};
  for (const name of partNames) {
    const { content, sum } = storeParts[name].read(database, epoch);
    contents[name] = content;
    sums[name] = sum;
  }
  return { contents: contents as StoreContents, sums: sums as PartSums };
}
