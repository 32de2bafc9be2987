/**
 * InHand: whose code a thread runs, told in shared memory, because one that hangs cannot be asked. A cell tells it once for each turn, and
 * operators once for each batch; how far they are in it says the counter, which each event raises anyway.
 *
 * A path is told as a number of 32 bits; whoever knows all paths finds it again by that.
 */

import { inHandMax, progressField } from "./progress-field.ts";

export interface InHand {
  /** Of the actor, or of the instance of an operator. */
  readonly path: string;
  /** Whether it is that very one; otherwise any of those that share a cell with it. */
  readonly isExact: boolean;
  /** Of a source that may be at work as well: it hands the operator one event after the other. */
  readonly source: string | undefined;
  /** The event, counted from 1, among all that `eventsOf` has taken on this thread. */
  readonly event: number | undefined;
  /** The first of the operators that are at work on it one after the other. */
  readonly eventsOf: string;
}

/** A path as a number, which is not 0. */
export function pathMark(path: string): number {
  let mark = 0x811c9dc5;
  for (let index = 0; index < path.length; index += 1) mark = Math.imul(mark ^ path.charCodeAt(index), 0x01000193);
  return mark | 0 || 1;
}

/** A cell has its turn, or, with 0, nobody any more. */
export function tellCell(progress: Int32Array, mark: number): void {
  progress[progressField.cell] = mark;
  progress[progressField.parts] = 0;
}

/**
 * Parts of the cell are at work. Each tells the counter one more for each event, one part after the other.
 *
 * @param taken how many events the first of them has taken before; -1 where it has none in hand
 * @param isGiven whether a source is at work, and hands them events meanwhile
 */
export function tellParts(progress: Int32Array, marks: Int32Array, taken: number, isGiven = false): void {
  const count = marks.length;
  if (count > inHandMax) return;
  progress[progressField.partsFrom] = progress[progressField.counter]!;
  progress[progressField.partsTaken] = taken;
  for (let part = 0; part < count; part += 1) progress[progressField.firstPart + part] = marks[part]!;
  progress[progressField.parts] = isGiven ? -count : count;
}

export function tellNoParts(progress: Int32Array): void {
  progress[progressField.parts] = 0;
}

/** @param pathOf finds a path by its number; undefined where nobody lives there any more */
export function readInHand(progress: Int32Array, pathOf: (mark: number) => string | undefined): InHand | undefined {
  const read = (field: number) => Atomics.load(progress, field);
  const cell = pathOf(read(progressField.cell));
  const parts = Math.abs(read(progressField.parts));
  const isGiven = read(progressField.parts) < 0;
  const told = (read(progressField.counter) - read(progressField.partsFrom)) | 0;
  if (cell === undefined) return undefined;
  const ofCell = { path: cell, isExact: isGiven, source: undefined, event: undefined, eventsOf: cell };
  // Nothing was handed over yet.
  if (parts === 0 || (isGiven && told <= 0)) return ofCell;
  const pathAt = (part: number) => pathOf(read(progressField.firstPart + part));
  const [path, eventsOf] = [pathAt(Math.max(0, told - 1) % parts), pathAt(0)];
  if (path === undefined || eventsOf === undefined) return ofCell;
  const taken = read(progressField.partsTaken);
  const event = taken < 0 || told <= 0 ? undefined : taken + Math.ceil(told / parts);
  return { path, isExact: true, source: isGiven ? cell : undefined, event, eventsOf };
}

/** What does not return, for an error. */
export function textOf({ path, isExact, source, event, eventsOf }: InHand): string {
  if (!isExact) return `${path}, or what shares a cell with it, does not return`;
  const whose = eventsOf === path ? "it" : eventsOf;
  const which = event === undefined ? "" : ` from event ${event} of those that ${whose} took on this thread`;
  return `${path} does not return${which}${source === undefined ? "" : ` (or ${source}, which hands it events one by one)`}`;
}
