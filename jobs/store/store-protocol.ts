/** StoreProtocol: what main asks of the store thread. Plain data; answers come in the order of the requests. */

import type { StoredCheckpoint } from "./file/read-store-file.ts";
import type { StoreCommit } from "./file/store-file.ts";
import type { StoreManifest } from "./file/store-manifest.ts";

export type StoreRequest =
  | { readonly kind: "open"; readonly directory: string; readonly manifest: StoreManifest }
  | { readonly kind: "commit"; readonly commit: StoreCommit }
  | { readonly kind: "close" };

/** To `open`: what the file holds; its epoch is 0 when there is no checkpoint yet. To all others: nothing. */
export type StoreAnswer = StoredCheckpoint | undefined;
