/**
 * Link: this host's end of the wire to one other host. Frames of a run of turns leave together, as one packet; a small one that is
 * alone leaves as it is. While the other host is being replaced, they are held and leave in their order after `join`.
 *
 * Invariants
 *  L1  user messages on the wire are at most the credit window; what waits for credit is bounded and in order.
 *  L2  a frame is never lost between `send` and the port, except that `leave` drops what the dead host had not taken.
 *
 * Bounds: stream traffic is bounded by the credit of its channels, control by the number of cells and asks.
 */

import { Ring } from "../cells/ring.ts";
import { encode } from "../codec/codec.ts";
import { PacketWriter } from "../codec/packet.ts";
import { smallCopy } from "../codec/small-copy.ts";
import { linkCreditMessages, linkQueueMessagesMax, packetBytesSoft } from "../limits.ts";
import type { Packet, PacketReceiver, Port } from "../seams/transport.ts";
import type { Frame } from "./frame.ts";

export class Link {
  #port: Port | undefined;
  #writer = new PacketWriter();
  /** The one frame that is written, while it is small and alone. */
  #small: readonly unknown[] | undefined;
  /** Whole packets that wait for `join`. */
  #held: { readonly packet: Packet; readonly attachments: readonly Uint8Array[] }[] = [];
  #credit = linkCreditMessages;
  /** User messages that wait for credit, encoded. */
  readonly #waiting = new Ring<Uint8Array>();

  join(port: Port, receiver: PacketReceiver): void {
    this.#port?.close();
    this.#port = port;
    this.#credit = linkCreditMessages;
    this.#sendWaiting();
    port.onPacket(receiver);
    this.flush();
  }

  /** What is written but not posted was meant for the dead host: commands to cells that are no more, above all. */
  leave(): void {
    this.#port?.close();
    this.#port = undefined;
    this.#writer = new PacketWriter();
    this.#small = undefined;
    this.#held = [];
  }

  /**
   * A frame of the runtime itself. Throws ERR_RT_NOT_PLAIN_DATA, ERR_RT_FRAME_TOO_LARGE.
   *
   * @param attachments with any, the frame is alone in its packet
   */
  send(frame: Frame, attachments: readonly Uint8Array[] = []): void {
    if (attachments.length > 0) {
      this.#endPacket();
      this.#writer.write(frame);
      return this.#endPacket(attachments);
    }
    if (this.#isEmpty()) {
      this.#small = smallCopy(frame);
      if (this.#small !== undefined) return;
    }
    this.#encodeSmall();
    this.#writer.write(frame);
    this.#flushIfLarge();
  }

  /** A message of a user; false when too many wait already. Throws like `send`. */
  sendMessage(frame: Frame): boolean {
    if (this.#credit > 0 && this.#port !== undefined) {
      this.send(frame);
      this.#credit -= 1;
      return true;
    }
    if (this.#waiting.length >= linkQueueMessagesMax) return false;
    this.#waiting.push(encode(frame));
    return true;
  }

  /** The other host has taken `messageCount` user messages. */
  grant(messageCount: number): void {
    this.#credit += messageCount;
    this.#sendWaiting();
  }

  flush(): void {
    if (this.#port === undefined) return;
    if (this.#held.length > 0) {
      for (const { packet, attachments } of this.#held.splice(0)) this.#port.post(packet, attachments);
    }
    this.#endPacket();
  }

  close(): void {
    this.flush();
    this.leave();
  }

  #endPacket(attachments: readonly Uint8Array[] = []): void {
    if (this.#isEmpty()) return;
    const packet = this.#small ?? this.#writer.take();
    this.#small = undefined;
    if (this.#port === undefined) this.#held.push({ packet, attachments });
    else this.#port.post(packet, attachments);
  }

  #isEmpty(): boolean {
    return this.#small === undefined && this.#writer.byteLength === 0;
  }

  /** It is alone no more. */
  #encodeSmall(): void {
    if (this.#small === undefined) return;
    this.#writer.write(this.#small);
    this.#small = undefined;
  }

  #flushIfLarge(): void {
    if (this.#writer.byteLength >= packetBytesSoft) this.flush();
  }

  #sendWaiting(): void {
    while (this.#credit > 0) {
      const frame = this.#waiting.shift();
      if (frame === undefined) return;
      this.#credit -= 1;
      this.#encodeSmall();
      this.#writer.append(frame);
      this.#flushIfLarge();
    }
  }
}
