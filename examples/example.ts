/** Example: what `run-all.ts` knows of an example. Each folder of examples exports one (or an array) as `example` from its `example.ts`. */

export interface Example {
  readonly name: string;
  /** How a user starts it, from the root of the repository; `node` is the Node that runs all examples. */
  readonly command: readonly string[];
  /** What its output (standard output and standard error) must hold. */
  readonly expect: readonly RegExp[];
  /** After this long it is ended, and has failed. */
  readonly timeoutMs: number;
}
