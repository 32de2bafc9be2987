/** StateSize: how much state an operator instance keeps, as it tells in reports. */

export interface StateSize {
  /** Over all its states: a key that has two of them counts twice. */
  readonly pieces: number;
  /** What of it is outside of the heap, in bytes; 0 while all of it are objects. */
  readonly packedBytes: number;
}

export function sumOfSizes(sizes: Iterable<StateSize>): StateSize {
  let pieces = 0;
  let packedBytes = 0;
  for (const size of sizes) {
    pieces += size.pieces;
    packedBytes += size.packedBytes;
  }
  return { pieces, packedBytes };
}
