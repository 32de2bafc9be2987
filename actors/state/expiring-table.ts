/**
 * ExpiringTable: a state whose pieces have a time to live. When a piece runs out is kept beside it, as a state of its own, so that
 * a state may be given a time to live, and be freed of it, without its stored pieces being any different.
 *
 * Invariants
 *  X1  a piece that has run out is never handed out; the first who would be given it removes it.
 *  X2  a piece that was stored without an expiry lives its full time from when it is first looked at.
 *  X3  a sweep that is called again and again looks at each piece, and at none twice before it has looked at all.
 */

import type { Key } from "../batch.ts";
import { type CellPacking, KeyedCell } from "./keyed-state.ts";
import { expiryKindOf } from "./state-form.ts";
import type { StateDeclaration } from "./state-migration.ts";
import { type CellKind, type StateScope, StateTable } from "./state-table.ts";
import { type CheckedTtl, StateTtl, type Sweeping, unknownUntil } from "./state-ttl.ts";

class ExpiringCell<S> extends KeyedCell<S> {
  until = unknownUntil;
}

export class ExpiringTable<S> extends StateTable<S, ExpiringCell<S>> implements Sweeping {
  readonly ttl: StateTtl;
  /** X3: where the next sweep begins. */
  #toSweep: IteratorObject<ExpiringCell<S>, undefined> | undefined;

  /** @param staysObject of collections: as of CellPacking */
  constructor(
    declaration: StateDeclaration,
    scope: StateScope,
    tracked: boolean,
    ttl: CheckedTtl,
    staysObject?: (cell: KeyedCell<S>) => boolean,
  ) {
    super(declaration, scope, tracked, expiringCells<S>(ttl, staysObject));
    this.ttl = new StateTtl(declaration.state, scope, ttl);
  }

  override find(): ExpiringCell<S> | undefined {
    const cell = super.find();
    return cell !== undefined && this.#isLive(cell) ? cell : undefined;
  }

  override write(value: S): ExpiringCell<S> {
    const until = this.ttl.written(this.find()?.until);
    const cell = super.write(value);
    cell.until = until;
    this.keep(cell);
    return cell;
  }

  sweep(count: number): void {
    this.#toSweep ??= this.pieces();
    let left = count;
    // It goes on where a loop has left it.
    for (const { key, until } of this.#toSweep) {
      if (until <= this.ttl.now()) this.drop(key);
      else if (Number.isNaN(until)) this.#isLive(this.pieceOf(key) as ExpiringCell<S>);
      left -= 1;
      if (left <= 0) return;
    }
    this.#toSweep = undefined;
  }

  protected override shown(cell: ExpiringCell<S>): KeyedCell<S> | undefined {
    return cell.until <= this.ttl.now() ? undefined : cell;
  }

  /** Whether it has not run out (X1); that it was asked for may prolong its life. */
  #isLive(cell: ExpiringCell<S>): boolean {
    const now = this.ttl.now();
    if (cell.until <= now) {
      this.drop(cell.key);
      return false;
    }
    const until = this.ttl.read(cell.until, now);
    if (until !== cell.until && !Number.isNaN(until)) {
      cell.until = until;
      this.note(cell);
    }
    return true;
  }
}

function expiringCells<S>(
  { time }: CheckedTtl,
  staysObject: ((cell: KeyedCell<S>) => boolean) | undefined,
): CellKind<S, ExpiringCell<S>> {
  const made = (key: Key, value: S): ExpiringCell<S> => new ExpiringCell(key, value);
  return {
    added: made,
    restored: made,
    told: (cell) => cell.value,
    isToldAsPacked: true,
    packing: { ...expiringPacking<S>(), ...(staysObject === undefined ? {} : { staysObject }) },
    expiry: {
      kind: expiryKindOf(`${time} time`),
      told: (cell) => cell.until,
      restore: (cell, until) => {
        cell.until = until as number;
      },
    },
  };
}

/** Beside the value is until when it lives. */
function expiringPacking<S>(): CellPacking<S, ExpiringCell<S>> {
  return {
    sideOf: ({ until }) => until,
    unpacked: (key, value, until) => {
      const cell = new ExpiringCell(key, value);
      cell.until = until;
      return cell;
    },
  };
}
