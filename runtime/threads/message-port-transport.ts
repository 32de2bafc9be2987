/**
 * MessagePortTransport: binds the seam `Transport` to MessagePort, within a thread and between threads.
 *
 * Packets of bytes are transferred, not copied: the sender's view is empty afterwards, which is what `Port.post` promises. A frame
 * that travels as it is begins with a number, and a packet with attachments with the packet.
 * What was posted before the peer's thread died still arrives; what lies in the inbox of a dead thread is lost.
 *
 * Ports never keep a thread or the process alive. A started system does, through the tasks of its thread pool, until it
 * is stopped; ports that did as well would keep an already stopped one from ending.
 *
 * Not here: acknowledgements and sending again after a death (runtime/host).
 */

import { MessageChannel, type MessagePort } from "node:worker_threads";
import { assert } from "../assert.ts";
import type { Packet, PacketReceiver, Port, Transport } from "../seams/transport.ts";

export class MessagePortTransport implements Transport {
  createLink(): { readonly left: Port; readonly right: Port } {
    const { port1, port2 } = new MessageChannel();
    return { left: new MessagePortEnd(port1), right: new MessagePortEnd(port2) };
  }
}

/** One end of a link, as a `Port`. The buffer under a packet is transferred as a whole: it must not be a shared pool. */
export class MessagePortEnd implements Port {
  readonly #messagePort: MessagePort;
  #state: "fresh" | "receiving" | "detached" | "closed" = "fresh";
  #receiver: PacketReceiver = () => {};

  constructor(messagePort: MessagePort) {
    this.#messagePort = messagePort;
  }

  post(packet: Packet, attachments: readonly Uint8Array[] = []): void {
    if (this.#state === "closed") return;
    assert(this.#state !== "detached", "a port that was handed to another thread sends nothing here");
    if (!(packet instanceof Uint8Array)) return this.#messagePort.postMessage(packet);
    if (attachments.length === 0) return this.#messagePort.postMessage(packet, [packet.buffer]);
    const buffers = attachments.map(({ buffer }) => buffer as ArrayBuffer);
    this.#messagePort.postMessage([packet, ...attachments], [packet.buffer, ...buffers]);
  }

  onPacket(receiver: PacketReceiver): void {
    this.#receiver = receiver;
    if (this.#state !== "fresh") return;
    this.#state = "receiving";
    this.#messagePort.on("message", (message: Packet) => {
      if (this.#state !== "receiving") return;
      if (message instanceof Uint8Array || !(message[0] instanceof Uint8Array)) return this.#receiver(message, []);
      const [packet, ...attachments] = message as readonly [Uint8Array<ArrayBuffer>, ...Uint8Array[]];
      this.#receiver(packet, attachments);
    });
    this.#messagePort.unref();
  }

  close(): void {
    if (this.#state === "detached" || this.#state === "closed") return;
    this.#state = "closed";
    this.#messagePort.close();
  }

  /** Gives the platform's port away, to be transferred to another thread. This end cannot be used here afterwards. */
  detach(): MessagePort {
    assert(this.#state === "fresh", "a port is handed to another thread before it is used");
    this.#state = "detached";
    return this.#messagePort;
  }
}
