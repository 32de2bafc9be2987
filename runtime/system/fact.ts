/** Facts: what happened in the life of actors and hosts, published to whoever subscribes. Facts have no addressee. */

import type { WireError } from "../errors/wire-error.ts";

export type Fact =
  | {
      readonly kind: "actor-started";
      readonly path: string;
      readonly host: number;
      readonly incarnation: number;
      /** Where its supervisor lives: an actor that is lost together with its supervisor is not restarted. */
      readonly supervisorHost: number;
    }
  | { readonly kind: "actor-restarted"; readonly path: string; readonly host: number; readonly incarnation: number }
  | { readonly kind: "actor-stopped"; readonly path: string; readonly host: number; readonly reason: string }
  | {
      readonly kind: "actor-failed";
      readonly path: string;
      readonly host: number;
      readonly incarnation: number;
      readonly error: WireError;
      readonly directive: string;
    }
  | { readonly kind: "host-lost"; readonly host: number; readonly error: WireError }
  | { readonly kind: "host-replaced"; readonly host: number; readonly incarnation: number; readonly threadId: number }
  /** A spare thread waits, with the modules of the jobs loaded and a recovery rehearsed: the next loss of a thread costs least. */
  | { readonly kind: "thread-stands-by"; readonly threadId: number }
  | { readonly kind: "dead-letters"; readonly letters: readonly DeadLetter[]; readonly unsampledCount: number };

export type FactKind = Fact["kind"];

/** A message or event that nobody could handle. */
export interface DeadLetter {
  /** The path of the actor that it was meant for. */
  readonly to: string;
  /** The value itself; when it could not cross threads, a text that describes it. */
  readonly value: unknown;
  readonly error: WireError;
  /** Wall time in ms since the epoch. */
  readonly atMs: number;
}
