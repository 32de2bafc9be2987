/** StoreProtocol: what main asks of the store thread. Plain data; answers come in the order of the requests. */

import type { LetterRecord, LetterWish } from "./file/letters-part.ts";
import type { StandingRecord } from "./file/standings-part.ts";
import type { StoreCommit } from "./file/store-file.ts";
import type { FallBack, OpenRequest } from "./open-storage.ts";

export type StoreRequest =
  | ({ readonly kind: "open" } & OpenRequest)
  | { readonly kind: "commit"; readonly commit: StoreCommit }
  | { readonly kind: "close" };

export interface StoreAnswers {
  /** What the file holds, without the state of operators. */
  readonly open: {
    /** 0 when there is no checkpoint yet. */
    readonly epoch: number;
    readonly standings: readonly StandingRecord[];
    readonly letters: readonly LetterRecord[];
    readonly wishes: readonly LetterWish[];
    readonly fallBack: FallBack | undefined;
  };
  readonly commit: {
    /** What people wish to become of dead letters by now. */
    readonly wishes: readonly LetterWish[];
    /** Why the copy of the file that was due could not be made. */
    readonly copyFailure: string | undefined;
  };
  readonly close: undefined;
}

export type StoreAnswer = StoreAnswers[keyof StoreAnswers];
