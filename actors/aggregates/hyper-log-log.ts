/**
 * HyperLogLog: how many different hashes were seen, to within a standard error of about 1.04 / sqrt(2^precision), in
 * 2^precision bytes (P. Flajolet et al., 2007). Read by the estimator of O. Ertl ("New cardinality estimation algorithms for
 * HyperLogLog sketches", 2017, section 3.3), which needs no tables and no second method for small counts.
 *
 * Invariants
 *  L1  while few were seen the hashes themselves are kept, in order and once each, and the answer is exact but for equal hashes.
 *  L2  merged sketches are the sketch of all that they have seen.
 */

/** Plain data: hashes in order, and, when there were too many, registers in their place. */
export interface HyperLogLog {
  hashes: number[];
  registers: Uint8Array | undefined;
}

/** The bits of a hash: what a double holds exactly. */
export const hashBits = 52;

export function emptyLog(): HyperLogLog {
  return { hashes: [], registers: undefined };
}

/** @param hash a whole number below 2^hashBits */
export function putHash(log: HyperLogLog, hash: number, precision: number): HyperLogLog {
  if (log.registers === undefined) {
    const place = placeOf(log.hashes, hash);
    if (log.hashes[place] === hash) return log;
    log.hashes.splice(place, 0, hash);
    if (log.hashes.length * hashBytes > 2 ** precision) toRegisters(log, precision);
  } else {
    register(log.registers, hash, precision);
  }
  return log;
}

export function mergeLogs(into: HyperLogLog, from: HyperLogLog, precision: number): HyperLogLog {
  if (from.registers === undefined) {
    for (const hash of from.hashes) putHash(into, hash, precision);
    return into;
  }
  const registers = into.registers ?? toRegisters(into, precision);
  from.registers.forEach((rank, index) => {
    if (rank > registers[index]!) registers[index] = rank;
  });
  return into;
}

export function estimate({ hashes, registers }: HyperLogLog, precision: number): number {
  if (registers === undefined) return hashes.length;
  const size = registers.length;
  const rankMax = hashBits - precision + 1;
  const counts = new Array<number>(rankMax + 1).fill(0);
  for (const rank of registers) counts[rank]! += 1;
  let sum = size * tau(1 - counts[rankMax]! / size);
  for (let rank = rankMax - 1; rank >= 1; rank -= 1) sum = 0.5 * (sum + counts[rank]!);
  sum += size * sigma(counts[0]! / size);
  return Math.round((size * size) / (2 * Math.LN2 * sum));
}

/** A hash that is kept takes about this many bytes, in memory and encoded. */
const hashBytes = 9;

function placeOf(hashes: readonly number[], hash: number): number {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hashes[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toRegisters(log: HyperLogLog, precision: number): Uint8Array {
  const registers = new Uint8Array(2 ** precision);
  for (const hash of log.hashes) register(registers, hash, precision);
  log.hashes = [];
  log.registers = registers;
  return registers;
}

/** The upper bits say which register, the position of the first one in the lower bits what it holds at least. */
function register(registers: Uint8Array, hash: number, precision: number): void {
  const lowerBits = hashBits - precision;
  const index = Math.floor(hash / 2 ** lowerBits);
  const rank = leadingZeros(hash % 2 ** lowerBits, lowerBits) + 1;
  if (rank > registers[index]!) registers[index] = rank;
}

function leadingZeros(value: number, bits: number): number {
  const upper = Math.floor(value / 2 ** 32);
  return upper > 0 ? Math.clz32(upper) - (64 - bits) : bits - 32 + Math.clz32(value);
}

/** Ertl, algorithm 6: the share of registers that hold nothing. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let power = share;
  let weight = 1;
  let sum = share;
  for (let before = Number.NaN; sum !== before; ) {
    before = sum;
    power *= power;
    sum += power * weight;
    weight += weight;
  }
  return sum;
}

/** The same for registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let weight = 1;
  let sum = 1 - share;
  for (let before = Number.NaN; sum !== before; ) {
    before = sum;
    root = Math.sqrt(root);
    weight *= 0.5;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
