/** StoreProtocol: what main asks of the store thread. Plain data; answers come in the order of the requests. */

import type { LetterWish } from "./file/letters-part.ts";
import type { StoreCommit } from "./file/store-file.ts";
import type { FoundCheckpoint, OpenRequest } from "./open-storage.ts";

export type StoreRequest =
  | ({ readonly kind: "open" } & OpenRequest)
  | { readonly kind: "commit"; readonly commit: StoreCommit }
  | { readonly kind: "close" };

export interface StoreAnswers {
  /** What the file holds; its epoch is 0 when there is no checkpoint yet. */
  readonly open: FoundCheckpoint;
  readonly commit: {
    /** What people wish to become of dead letters by now. */
    readonly wishes: readonly LetterWish[];
    /** Why the copy of the file that was due could not be made. */
    readonly copyFailure: string | undefined;
  };
  readonly close: undefined;
}

export type StoreAnswer = StoreAnswers[keyof StoreAnswers];
