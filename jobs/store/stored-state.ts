/** StoredState: the state in a checkpoint, by operator, decoded. */

import { mergedEntries } from "../../actors/index.ts";
import type { StoredCheckpoint } from "./file/read-store-file.ts";
import { type ReadableEntry, readableEntry } from "./readable-entry.ts";

export interface OperatorState {
  readonly operator: string;
  /** Encoded, in all its deltas. */
  readonly bytes: number;
  /** Instances that keep any. */
  readonly instanceCount: number;
  readonly entries: readonly InstanceEntry[];
}

/** The newest value of one key of one state. */
export interface InstanceEntry extends ReadableEntry {
  readonly instance: number;
}

/** Of operators that keep state, in the order of the graph. */
export function operatorStates({ manifest, contents }: StoredCheckpoint): readonly OperatorState[] {
  const order = new Map(manifest.operators.map(({ name }, index) => [name, index]));
  return Map.groupBy(contents.state, ({ operator }) => operator)
    .entries()
    .map(([operator, deltas]): OperatorState => {
      const instances = Map.groupBy(deltas, ({ instance }) => instance);
      const entries = instances
        .entries()
        .flatMap(([instance, own]) =>
          mergedEntries(own.map(({ bytes }) => bytes)).map((entry) => ({ instance, ...readableEntry(entry) })),
        )
        .toArray();
      const bytes = deltas.reduce((sum, delta) => sum + delta.bytes.byteLength, 0);
      return { operator, bytes, instanceCount: instances.size, entries };
    })
    .toArray()
    .sort((left, right) => (order.get(left.operator) ?? 0) - (order.get(right.operator) ?? 0));
}
