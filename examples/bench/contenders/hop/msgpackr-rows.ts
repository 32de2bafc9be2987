/**
 * msgpackr over worker_threads: an array of records per message. Records, because they are msgpackr's fastest form for
 * equal objects; no shared structures, so each message stands by itself.
 *
 * What `pack` returns is a view of msgpackr's pool, and posting it would clone the whole pool: it is copied into a
 * buffer of its own, which is then transferred.
 */

import { Packr } from "msgpackr";
import type { Contender } from "../../contender.ts";
import { batchContender } from "./batch-contender.ts";

export function rowsOf(batchSize: number): Contender {
  const packr = new Packr({ useRecords: true });
  return batchContender(
    batchSize,
    new URL("./msgpackr-receiver.ts", import.meta.url),
    (batch) => new Uint8Array(packr.pack(batch)),
    (bytes) => [bytes.buffer],
  );
}
