/** StoreProtocol: what main asks of the store thread. Plain data; answers come in the order of the requests. */

/** What is known of a file before its first checkpoint, and compared whenever it is opened again. */
export interface StoreManifest {
  readonly job: string;
  /** The fingerprint of the graph, as text: operators, their parallelism, edges. */
  readonly graph: string;
  readonly createdAtMs: number;
}

/** What is stored of one operator instance. */
export interface StoredRecord {
  /** `standing`: of the cell with this operator at its head, all that is not state. `delta`: a piece of state. */
  readonly kind: "standing" | "delta";
  readonly operator: string;
  readonly instance: number;
  /** Of a delta, from 1; 0 for a standing. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface WrittenRecord extends StoredRecord {
  /** Whether it takes the place of all records of its kind, operator and instance. */
  readonly replaces: boolean;
}

export interface StoredCheckpoint {
  readonly epoch: number;
  /** Deltas of one operator instance in the order of their numbers. */
  readonly records: readonly StoredRecord[];
}

export type StoreRequest =
  /** Answered by a StoredCheckpoint; its epoch is 0 when there is none yet. */
  | { readonly kind: "open"; readonly directory: string; readonly manifest: StoreManifest }
  | {
      readonly kind: "commit";
      readonly epoch: number;
      readonly atMs: number;
      readonly records: readonly WrittenRecord[];
    }
  | { readonly kind: "close" };
