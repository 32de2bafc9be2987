/** Seam: randomness, for jitter, sampling and ids. The simulation binds a seeded generator. */

import { nanoid } from "nanoid";

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A fresh id for a run, an incarnation or a transaction: URL-safe, 21 characters. */
  id(): string;
}

export class SystemRandom implements Random {
  next(): number {
    return Math.random();
  }

  id(): string {
    return nanoid();
  }
}
