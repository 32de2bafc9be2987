/** StoreProtocol: what main asks of the store thread. Plain data; answers come in the order of the requests. */

import type { StoreCommit } from "./file/store-file.ts";
import type { FoundCheckpoint, OpenRequest } from "./open-storage.ts";

export type StoreRequest =
  | ({ readonly kind: "open" } & OpenRequest)
  | { readonly kind: "commit"; readonly commit: StoreCommit }
  | { readonly kind: "close" };

/** To `open`: what the file holds; its epoch is 0 when there is no checkpoint yet. To `close`: nothing. */
export type StoreAnswer = FoundCheckpoint | CommitAnswer | undefined;

export interface CommitAnswer {
  /** Why the copy of the file that was due could not be made. */
  readonly copyFailure: string | undefined;
}
