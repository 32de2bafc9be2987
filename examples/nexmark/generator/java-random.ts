/**
 * JavaRandom: the numbers of java.util.Random, a linear congruential generator of 48 bits (Knuth, The Art of Computer Programming,
 * volume 2, 3.2.1). The state is kept in two halves, so that all products are exact in doubles.
 */

export class JavaRandom {
  #high = 0;
  #low = 0;

  /** Starts over as a new generator of that seed, a whole number from 0 to 2^53. */
  seed(seed: number): this {
    this.#high = (Math.floor(seed / halfRange) & halfMask) ^ multiplierHigh;
    this.#low = (seed & halfMask) ^ multiplierLow;
    return this;
  }

  /** A whole number of 32 bits, with its sign. */
  nextInt32(): number {
    const low = this.#low * multiplierLow + increment;
    const high = this.#high * multiplierLow + this.#low * multiplierHigh + Math.floor(low / halfRange);
    // Bits of a double beyond 2^32 do not matter to these operators: what is left is exact.
    this.#low = low & halfMask;
    this.#high = high & halfMask;
    return (this.#high << 8) | (this.#low >>> 16);
  }

  /** A whole number from 0 to `bound - 1`. */
  nextInt(bound: number): number {
    if ((bound & (bound - 1)) === 0) return Math.floor((bound * (this.nextInt32() >>> 1)) / 2 ** 31);
    for (;;) {
      const bits = this.nextInt32() >>> 1;
      const value = bits % bound;
      if (bits - value + (bound - 1) < 2 ** 31) return value;
    }
  }

  /** A number from 0 up to, and without, 1. */
  nextDouble(): number {
    return ((this.nextInt32() >>> 6) * 2 ** 27 + (this.nextInt32() >>> 5)) / 2 ** 53;
  }
}

const halfRange = 2 ** 24;
const halfMask = halfRange - 1;
const multiplierHigh = 0x5de;
const multiplierLow = 0xece66d;
const increment = 0xb;
