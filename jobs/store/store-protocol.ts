/** StoreProtocol: what main asks of the store thread. Plain data; answers come in the order of the requests. */

import type { LettersContent, LetterWish } from "./file/letters-part.ts";
import type { StandingRecord } from "./file/standings-part.ts";
import type { DeltaRecord } from "./file/state-part.ts";
import type { StoreCommit } from "./file/store-file.ts";
import type { StoreManifest } from "./file/store-manifest.ts";
import type { FallBack, OpenRequest } from "./open-storage.ts";
import type { FoundSavepoint } from "./savepoint-start.ts";

export type StoreRequest =
  | ({ readonly kind: "open" } & OpenRequest)
  | { readonly kind: "commit"; readonly commit: StoreCommit }
  | { readonly kind: "savepoint"; readonly name: string }
  | { readonly kind: "close" };

export interface StoreAnswers {
  /** What the file holds, or the savepoint. */
  readonly open: {
    /** 0 when there is no checkpoint yet. */
    readonly epoch: number;
    readonly manifest: StoreManifest;
    readonly standings: readonly StandingRecord[];
    /** Undefined where the job is the same, and reads it from the file. */
    readonly state: readonly DeltaRecord[] | undefined;
    /** The savepoint that was asked for. */
    readonly savepoint: FoundSavepoint | undefined;
    readonly letters: LettersContent;
    readonly wishes: readonly LetterWish[];
    readonly fallBack: FallBack | undefined;
  };
  readonly commit: {
    /** What people wish to become of dead letters by now. */
    readonly wishes: readonly LetterWish[];
    /** Why the copy of the file that was due could not be made. */
    readonly copyFailure: string | undefined;
    /** Names of the savepoints that people ask for. */
    readonly savepointsWanted: readonly string[];
  };
  /** Where it is. */
  readonly savepoint: { readonly path: string };
  readonly close: undefined;
}

export type StoreAnswer = StoreAnswers[keyof StoreAnswers];
