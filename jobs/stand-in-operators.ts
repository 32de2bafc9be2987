/** Operators for the time until those of the actors room are there. */

import type { OperatorSpec } from "../actors/index.ts";

export function standIn(kind: string, each: (value: unknown, emit: (value: unknown) => void) => void): OperatorSpec {
  return {
    kind,
    outputs: ["out"],
    create: () => ({
      onBatch(batch, from, to, output) {
        for (let index = from; index < to; index++) {
          output.begin(index);
          each(batch.values[index], (value) => output.emit(value));
        }
      },
    }),
  };
}
