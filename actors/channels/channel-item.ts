/** ChannelItem: what a channel carries, in order. Batches need credit, for each of their values; control items need none. */

import type { Batch } from "../batch.ts";
import type { Watermark } from "../time/watermark.ts";

export type ChannelItem =
  | {
      readonly kind: "batch";
      readonly valueCount: number;
      /** Within a host the batch itself, between hosts its encoding. */
      readonly body: Batch | Uint8Array;
    }
  | ({ readonly kind: "watermark" } & Watermark)
  | { readonly kind: "barrier"; readonly epoch: number }
  | { readonly kind: "end" };

/** A batch as it is sent: its sender knows for how many events its values stand, accumulators for several each. */
export type SentBatch = Extract<ChannelItem, { readonly kind: "batch" }> & { readonly eventCount: number };

export type AppendedItem = SentBatch | Exclude<ChannelItem, { readonly kind: "batch" }>;
