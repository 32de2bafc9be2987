/**
 * CellRetention: what the outboxes of a cell keep until a checkpoint is complete, or would send again, and who is told of it. What
 * is not kept counts, because it is done again after a failure, and because sinks hold what they make of it. Retention is not
 * backpressure: operators have to work off what is before a barrier, or the barrier that frees the memory could never pass.
 * So the supervisor is told, which starts an epoch and lets the sources pause; a source that keeps much pauses by itself,
 * however late the supervisor hears of it.
 *
 * Invariants
 *  M1  what the supervisor was told last differs by less than a step from what would come again, and says whether a source
 *      pauses.
 *  M2  a cell that keeps more than its bound fails.
 */

import { MillraceError } from "../../runtime/index.ts";
import type { OutputChannel } from "../channels/output-edge.ts";

export interface RetentionLimits {
  /** The supervisor is told whenever what is kept has changed by this much. */
  readonly stepBytes: number;
  /** A source that keeps as much reads no further. */
  readonly pauseBytes: number;
  /** A cell that keeps more fails (ERR_ACT_RETENTION_LIMIT). */
  readonly bytesMax: number;
}

/** The outboxes of a cell keep more for a replay than is allowed, because no checkpoint is complete. */
export class RetentionLimitError extends MillraceError {
  readonly code = "ERR_ACT_RETENTION_LIMIT";

  constructor(from: string, to: string, channelBytes: number, bytes: number, bytesMax: number) {
    super(
      `${from} keeps ${bytes} bytes until a checkpoint is complete, ${channelBytes} of them for the channel to ${to}; ` +
        `allowed are ${bytesMax}: checkpoints take too long, or few events make many`,
      // What was kept too much of would come again with a replay.
      { details: { from, to, channelBytes, bytes, bytesMax, directive: "stop" } },
    );
  }
}

export class CellRetention {
  readonly #from: string;
  readonly #limits: RetentionLimits;
  readonly #channels: ReadonlyMap<number, OutputChannel>;
  #bytes = 0;
  #keptBytes = 0;
  #toldBytes = 0;

  /** @param from the path of the cell */
  constructor(from: string, limits: RetentionLimits, channels: ReadonlyMap<number, OutputChannel>) {
    this.#from = from;
    this.#limits = limits;
    this.#channels = channels;
  }

  /** Whether a source of this cell reads no further. */
  get isFull(): boolean {
    return this.#bytes >= this.#limits.pauseBytes;
  }

  /** Looks at the outboxes; returns what to tell the supervisor, if anything. */
  look(): number | undefined {
    let bytes = 0;
    let keptBytes = 0;
    for (const { outbox } of this.#channels.values()) {
      bytes += outbox.replayBytes;
      keptBytes += outbox.retainedBytes;
    }
    this.#bytes = bytes;
    this.#keptBytes = keptBytes;
    const { stepBytes, pauseBytes } = this.#limits;
    const isNear =
      Math.abs(bytes - this.#toldBytes) < stepBytes && bytes >= pauseBytes === this.#toldBytes >= pauseBytes;
    if (isNear && (bytes > 0 || this.#toldBytes === 0)) return undefined;
    this.#toldBytes = bytes;
    return bytes;
  }

  /** M2. Throws ERR_ACT_RETENTION_LIMIT. */
  check(): void {
    if (this.#keptBytes > this.#limits.bytesMax) throw this.#tooMuch();
  }

  #tooMuch(): RetentionLimitError {
    const channels = [...this.#channels.values()];
    const [largest] = channels.sort((left, right) => right.outbox.retainedBytes - left.outbox.retainedBytes);
    const to = largest?.to.path ?? "";
    const channelBytes = largest?.outbox.retainedBytes ?? 0;
    return new RetentionLimitError(this.#from, to, channelBytes, this.#keptBytes, this.#limits.bytesMax);
  }
}
