/**
 * ReadableState: the state of operators as rows that any SQLite tool shows, with keys and values as JSON: one view for each
 * operator, and one that says of which epoch the rows of each are. Nothing is ever read back from here.
 *
 * Rows follow the checkpoints, in their transactions, as long as that costs next to nothing: what changes with a checkpoint is
 * small, and so is the state. Otherwise those of an operator stay behind, and are written anew now and then, and at the end.
 *
 * Invariants
 *  V1  rows that follow are those of the checkpoint, at every moment and for any reader.
 *  V2  a checkpoint writes rows for at most `readableChangeBytesMax` of changes, or, no more often than each
 *      `readableIntervalMs`, for operators of at most `readableRewriteBytesMax`.
 */

import type { DatabaseSync } from "node:sqlite";
import { type DeltaColumns, decodeDelta, mergedEntries, type StateEntry } from "../../../actors/index.ts";
import {
  readableChangeBytesMax,
  readableFollowBytesMax,
  readableIntervalMs,
  readableKeysMax,
  readableRewriteBytesMax,
} from "../../limits.ts";
import { ReadableRows } from "./readable-rows.ts";
import { readDeltas, type StateChange } from "./state-part.ts";

export class ReadableState {
  readonly #database: DatabaseSync;
  readonly #rows: ReadableRows;
  readonly #keysMax: number;
  /** Operators whose rows do not follow. */
  readonly #behind: Set<string>;
  readonly #known: Set<string>;
  #writtenMs = Number.NEGATIVE_INFINITY;

  /** @param database open for writing; the tables for rows are created where they are missing */
  constructor(database: DatabaseSync, keysMax = readableKeysMax) {
    this.#database = database;
    this.#rows = new ReadableRows(database);
    this.#keysMax = keysMax;
    const operators = this.#rows.operators();
    this.#known = new Set(operators.keys());
    this.#behind = new Set([...operators].flatMap(([operator, follows]) => (follows ? [] : [operator])));
    for (const operator of this.#operatorsWithState()) if (!this.#known.has(operator)) this.#behind.add(operator);
  }

  /** Forgets everything, in a transaction that is open: the state of another graph takes the place of what there was. */
  clear(): void {
    this.#rows.clear();
    this.#behind.clear();
    this.#known.clear();
  }

  /**
   * In the transaction of a checkpoint, behind its changes.
   *
   * @param epochBefore of which the rows are that follow now
   * @param atMs by the clock of the machine
   */
  follow(epoch: number, epochBefore: number, changes: readonly StateChange[], atMs: number): void {
    const isSmall = changes.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) <= readableChangeBytesMax;
    for (const [operator, own] of Map.groupBy(changes, (change) => change.operator)) {
      if (!this.#known.has(operator)) this.#meet(operator);
      if (this.#behind.has(operator)) continue;
      const bytes = this.#bytesOf(operator);
      if (isSmall && bytes <= readableFollowBytesMax && this.#apply(epoch, operator, own, bytes)) continue;
      this.#fallBehind(operator, epochBefore);
    }
    // A clock that was set back must not put it off until it has caught up.
    const isDue = atMs - this.#writtenMs >= readableIntervalMs || atMs < this.#writtenMs;
    if (!isDue || this.#behind.size === 0) return;
    this.#writtenMs = atMs;
    for (const operator of this.#behind) {
      if (this.#bytesOf(operator) <= readableRewriteBytesMax) this.#write(epoch, operator);
    }
  }

  /** At the end, in a transaction that is open: the rows of every operator whose keys are not too many. */
  writeAll(epoch: number): void {
    for (const operator of this.#behind) this.#write(epoch, operator);
  }

  #meet(operator: string): void {
    this.#known.add(operator);
    this.#rows.add(operator);
  }

  /** V1. Returns whether the rows follow: of a map that changed in part the rest has to be read, which must cost little. */
  #apply(epoch: number, operator: string, changes: readonly StateChange[], stateBytes: number): boolean {
    const decoded = changes.map(({ instance, bytes }) => ({ instance, columns: decodeDelta(bytes) }));
    const hasParts = decoded.some(({ columns }) => columns.some((each) => each.changes.size > 0));
    if (hasParts && stateBytes > readableRewriteBytesMax) return false;
    for (const { instance, columns } of decoded) {
      // A key that was removed and came back is in both.
      for (const { name, form, removed } of columns) {
        for (const key of removed) this.#rows.remove(operator, instance, [name, key, false, undefined, form]);
      }
      for (const { name, form, keys, values } of columns) {
        for (const [index, key] of keys.entries()) {
          this.#rows.write(epoch, operator, instance, [name, key, true, values[index], form]);
        }
      }
      if (columns.some((each) => each.changes.size > 0)) this.#applyParts(epoch, operator, instance, columns);
    }
    return true;
  }

  #applyParts(epoch: number, operator: string, instance: number, columns: readonly DeltaColumns[]): void {
    const entries = mergedEntries(readDeltas(this.#database, epoch, operator, instance));
    for (const entry of entries) {
      const [name, key] = entry;
      if (!columns.some((each) => each.name === name && each.changes.has(key))) continue;
      this.#rows.write(epoch, operator, instance, entry);
    }
  }

  #fallBehind(operator: string, epochBefore: number): void {
    this.#behind.add(operator);
    this.#rows.leave(operator, epochBefore);
  }

  #write(epoch: number, operator: string): void {
    if (!this.#known.has(operator)) this.#meet(operator);
    const entries = this.#instancesOf(operator).flatMap((instance) => {
      const own = mergedEntries(readDeltas(this.#database, epoch, operator, instance));
      return own.map((entry): readonly [number, StateEntry] => [instance, entry]);
    });
    this.#rows.removeAll(operator);
    if (entries.length > this.#keysMax) return this.#rows.leave(operator, 0);
    for (const [instance, entry] of entries) this.#rows.write(epoch, operator, instance, entry);
    this.#behind.delete(operator);
    this.#rows.leave(operator, undefined);
  }

  #operatorsWithState(): readonly string[] {
    const rows = this.#database.prepare("SELECT DISTINCT operator FROM delta").all();
    return rows.map(({ operator }) => operator as string);
  }

  #instancesOf(operator: string): readonly number[] {
    const rows = this.#database.prepare("SELECT DISTINCT instance FROM delta WHERE operator = ?").all(operator);
    return rows.map(({ instance }) => instance as number);
  }

  /** In all its deltas. */
  #bytesOf(operator: string): number {
    const row = this.#database
      .prepare("SELECT coalesce(sum(length), 0) AS bytes FROM delta WHERE operator = ?")
      .get(operator);
    return row?.bytes as number;
  }
}
