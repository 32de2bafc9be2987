/** Violation: a promise that did not hold in a simulation, by the number that it has in docs/mutants.md. */

/**
 * I1 to I13 are what users are promised, P1 to P8 the rules of the protocol that it rests on. `assertion`: a fact of a single
 * part of the runtime, which stands in no promise by itself.
 */
export type Invariant =
  | `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13}`
  | `P${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`
  | "assertion";

export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
}
