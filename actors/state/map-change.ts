/**
 * MapChange: what changed in the map of one key since the snapshot before, so that a snapshot is as large as what changed, and
 * not as the map. Entries are removed first, then set: an entry that was removed and came back is in both, and comes last.
 *
 * Invariant
 *  M1  a map, changed by `older` and then by `newer`, is the map changed by `older.followedBy(newer)`, order included.
 *
 * Not here: what of a map has changed (map-cell.ts), how changes travel (../epochs/state-delta.ts).
 */

export class MapChange {
  readonly removed: ReadonlySet<unknown>;
  readonly entries: ReadonlyMap<unknown, unknown>;

  constructor(removed: ReadonlySet<unknown>, entries: ReadonlyMap<unknown, unknown>) {
    this.removed = removed;
    this.entries = entries;
  }

  /** Changes a map that is nobody else's, in place. */
  applyTo(map: Map<unknown, unknown>): void {
    for (const key of this.removed) map.delete(key);
    for (const [key, value] of this.entries) map.set(key, value);
  }

  /** Both in one, this one first. */
  followedBy(newer: MapChange): MapChange {
    const entries = new Map(this.entries);
    newer.applyTo(entries);
    return new MapChange(new Set([...this.removed, ...newer.removed]), entries);
  }
}
