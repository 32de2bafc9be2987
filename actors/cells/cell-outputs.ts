/**
 * CellOutputs: the channels that leave a stream cell: what goes out on them as credit allows, what they keep for a replay,
 * and who is told of that.
 */

import type { CellContext } from "../../runtime/index.ts";
import type { AppendedItem } from "../channels/channel-item.ts";
import { type OutputChannel, OutputEdge } from "../channels/output-edge.ts";
import { CellBacklog } from "./cell-backlog.ts";
import { CellRetention } from "./cell-retention.ts";
import type { Chain, ChainOutput } from "./chain.ts";
import type { StreamCellSpec } from "./stream-cell-spec.ts";
import type { StreamNote } from "./stream-note.ts";
import { itemSignal, type OpenChannel } from "./stream-signal.ts";

export class CellOutputs {
  /** What the results of the chain leave by. */
  readonly edges: readonly ChainOutput[];
  readonly channels: readonly OutputChannel[];
  readonly #cell: CellContext;
  readonly #channelById: ReadonlyMap<number, OutputChannel>;
  /** Undefined where nothing is kept. */
  readonly #retention: CellRetention | undefined;
  readonly #backlog: CellBacklog;

  constructor(cell: CellContext, { outputs, instance, retention, retentionLimits }: StreamCellSpec) {
    this.#cell = cell;
    this.edges = outputs.map((output) => ({
      stage: output.stage,
      outputIndex: output.outputIndex,
      edge: new OutputEdge(output, instance, cell.address.host, retention, cell.progress),
    }));
    this.channels = this.edges.flatMap(({ edge }) => edge.channels);
    this.#channelById = new Map(this.channels.map((channel) => [channel.channel, channel]));
    if (retention !== "none")
      this.#retention = new CellRetention(cell.address.path, retentionLimits, this.#channelById);
    this.#backlog = new CellBacklog(cell.progress, this.#channelById);
  }

  /** Opens a channel. True when events were lost with its other end. */
  open(channel: number, attempt: number, fromEpoch: number, creditValues: number): boolean {
    const outbox = this.#channelById.get(channel)?.outbox;
    const lostBefore = outbox?.lostEvents;
    outbox?.open(attempt, fromEpoch, creditValues);
    return outbox?.lostEvents !== lostBefore;
  }

  grant(channel: number, attempt: number, consumedValues: number, creditValues: number): void {
    this.#channelById.get(channel)?.outbox.grant(attempt, consumedValues, creditValues);
  }

  /** An item for everybody. */
  append(item: AppendedItem): void {
    for (const { outbox } of this.channels) outbox.append(item);
  }

  /** Sends what credit allows; false while something is left. */
  pump(): boolean {
    let clear = true;
    for (const channel of this.channels) {
      for (let sent = channel.next(); sent !== undefined; sent = channel.next()) {
        this.#cell.host.signal(channel.to, itemSignal(channel.channel, sent));
      }
      if (!channel.outbox.empty) clear = false;
    }
    return clear;
  }

  /** What is before the barrier of an epoch is not kept any more. */
  acknowledge(epoch: number): void {
    for (const { outbox } of this.channels) outbox.acknowledge(epoch);
  }

  /** The receivers of these channels start over together with this cell from now on. */
  keepNothing(channels: readonly OpenChannel[]): void {
    for (const [channel, attempt] of channels) this.#channelById.get(channel)?.outbox.keepNothing(attempt);
  }

  /** Whether a source of this cell reads no further, because so much is kept. */
  get areFull(): boolean {
    return this.#retention?.isFull ?? false;
  }

  /** Where nothing is kept: tells what would be lost with this thread (B1). */
  tellBacklog(chain: Pick<Chain, "heldEvents">): void {
    if (this.#retention !== undefined) return;
    let heldEvents = chain.heldEvents;
    for (const { edge } of this.edges) heldEvents += edge.heldEvents;
    this.#backlog.tell(heldEvents);
  }

  /**
   * Tells what is kept; where nothing is, what would be lost with this thread. Throws ERR_ACT_RETENTION_LIMIT.
   *
   * @param chain what its operators hold
   */
  tellKept(chain: Pick<Chain, "heldEvents">): void {
    if (this.#retention === undefined) return this.tellBacklog(chain);
    const bytes = this.#retention.look();
    if (bytes !== undefined) this.#cell.notify({ kind: "retained", bytes } satisfies StreamNote);
    this.#retention.check();
  }

  /** The cell has stopped. */
  end(): void {
    this.#backlog.end();
  }
}
