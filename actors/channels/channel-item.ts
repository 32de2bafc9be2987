/** ChannelItem: what a channel carries, in order. Batches need credit; control items need none. */

import type { Batch } from "../batch.ts";
import type { Watermark } from "../time/watermark.ts";

export type ChannelItem =
  | {
      readonly kind: "batch";
      readonly eventCount: number;
      /** Within a host the batch itself, between hosts its encoding. */
      readonly body: Batch | Uint8Array;
    }
  | ({ readonly kind: "watermark" } & Watermark)
  | { readonly kind: "barrier"; readonly epoch: number }
  | { readonly kind: "end" };
