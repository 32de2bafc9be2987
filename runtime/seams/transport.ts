/**
 * Seam: the wire between two hosts. A port is one end of a FIFO, bidirectional, lossless-until-death link; the real binding is
 * a MessagePort, the simulation binds one that delays and interleaves.
 */

/**
 * Encoded frames; or one frame that is small, as it is: an array that begins with a number, of plain values that nobody else holds
 * (`smallCopy`).
 */
export type Packet = Uint8Array<ArrayBuffer> | readonly unknown[];

export interface Port {
  /**
   * Sends a packet. Its bytes belong to the port afterwards.
   *
   * @param attachments byte strings of any size that go with it, each in a buffer of its own; they belong to the port, too
   */
  post(packet: Packet, attachments?: readonly Uint8Array[]): void;
  /** Sets who receives the packets of the peer; packets that came earlier are delivered then, in order. */
  onPacket(receiver: PacketReceiver): void;
  /** Nothing is sent or delivered any more. */
  close(): void;
}

export type PacketReceiver = (packet: Packet, attachments: readonly Uint8Array[]) => void;

/** Makes the two ends of a link within one thread. */
export interface Transport {
  createLink(): { readonly left: Port; readonly right: Port };
}
