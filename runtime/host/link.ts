/**
 * Link: this host's end of the wire to one other host. Frames of a run of turns leave together, as one packet. While the
 * other host is being replaced, frames are held and leave with the first packet after `join`.
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
import { linkCreditMessages, linkQueueMessagesMax, packetBytesSoft } from "../limits.ts";
import { mutated } from "../seams/mutants.ts";
import type { Port } from "../seams/transport.ts";
import type { Frame } from "./frame.ts";

export class Link {
  #port: Port | undefined;
  #writer = new PacketWriter();
  #credit = linkCreditMessages;
  /** User messages that wait for credit, encoded. */
  readonly #waiting = new Ring<Uint8Array>();

  join(port: Port, receiver: (packet: Uint8Array) => void): void {
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
    if (!mutated("link.keeps-written")) this.#writer = new PacketWriter();
  }

  /** A frame of the runtime itself. Throws ERR_RT_NOT_PLAIN_DATA, ERR_RT_FRAME_TOO_LARGE. */
  send(frame: Frame): void {
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
    if (this.#port === undefined || this.#writer.byteLength === 0) return;
    this.#port.post(this.#writer.take());
  }

  close(): void {
    this.flush();
    this.leave();
  }

  #flushIfLarge(): void {
    if (this.#writer.byteLength >= packetBytesSoft) this.flush();
  }

  #sendWaiting(): void {
    while (this.#credit > 0) {
      const frame = this.#waiting.shift();
      if (frame === undefined) return;
      this.#credit -= 1;
      this.#writer.append(frame);
      this.#flushIfLarge();
    }
  }
}
