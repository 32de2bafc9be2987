/**
 * Seam: the wire between two hosts. A port is one end of a FIFO, bidirectional, lossless-until-death byte link; the
 * real binding is a MessagePort, the simulation binds one that delays and interleaves.
 */

export interface Port {
  /** Sends a packet. The bytes belong to the port afterwards. */
  post(packet: Uint8Array<ArrayBuffer>): void;
  /** Sets who receives the packets of the peer; packets that came earlier are delivered then, in order. */
  onPacket(receiver: (packet: Uint8Array) => void): void;
  /** Nothing is sent or delivered any more. */
  close(): void;
}

/** Makes the two ends of a link within one thread. */
export interface Transport {
  createLink(): { readonly left: Port; readonly right: Port };
}
