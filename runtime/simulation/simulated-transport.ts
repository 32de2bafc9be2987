/**
 * SimulatedTransport: links between the threads of a simulated world. A port's lane is FIFO and keeps what was sent when its
 * sender dies, until the receiver closes it.
 */

import type { Packet, PacketReceiver, Port, Transport } from "../seams/transport.ts";
import type { Lane, SimulatedWorld } from "./simulated-world.ts";
import type { VirtualThread } from "./virtual-thread.ts";

export class SimulatedPort implements Port {
  readonly #world: SimulatedWorld;
  readonly #lane: Lane;
  #peer: SimulatedPort | undefined;
  #closed = false;
  #receive: PacketReceiver = () => undefined;

  constructor(world: SimulatedWorld, name: string) {
    this.#world = world;
    this.#lane = world.createLane(name, world.main);
    this.#lane.isOpen = false;
  }

  static link(left: SimulatedPort, right: SimulatedPort): void {
    left.#peer = right;
    right.#peer = left;
  }

  /** Names both ends of the link by the hosts they join. */
  join(own: number, peer: number): void {
    this.#lane.name = `host ${own} < host ${peer}`;
    if (this.#peer !== undefined) this.#peer.#lane.name = `host ${peer} < host ${own}`;
  }

  /** From now on it belongs to that thread. */
  moveTo(thread: VirtualThread): void {
    this.#lane.to = thread;
  }

  post(packet: Packet, attachments: readonly Uint8Array[] = []): void {
    const peer = this.#peer;
    if (this.#closed || this.#lane.to.ended || peer === undefined || peer.#closed) return;
    const what = packet instanceof Uint8Array ? `${packet.byteLength} bytes` : "a frame";
    this.#world.post(peer.#lane, what, () => peer.#receive(packet, attachments));
  }

  onPacket(receiver: PacketReceiver): void {
    this.#receive = receiver;
    this.#lane.isOpen = true;
  }

  close(): void {
    this.#closed = true;
    this.#world.closeLane(this.#lane);
  }

  /** Everything that is sent to this end from now on takes so much longer. */
  delay(ms: number): void {
    this.#lane.delayMs = ms;
  }

  /** Everything that is sent from this end from now on takes so much longer. */
  delayPeer(ms: number): void {
    this.#peer?.delay(ms);
  }
}

export class SimulatedTransport implements Transport {
  readonly #world: SimulatedWorld;
  #links = 0;

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  createLink(): { readonly left: SimulatedPort; readonly right: SimulatedPort } {
    this.#links += 1;
    const left = new SimulatedPort(this.#world, `link ${this.#links} to left`);
    const right = new SimulatedPort(this.#world, `link ${this.#links} to right`);
    SimulatedPort.link(left, right);
    return { left, right };
  }
}
