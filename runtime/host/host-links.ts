/**
 * HostLinks: the links of one host to all others, and when what is written on them leaves: after a turn, or, when it is
 * written outside of one, as soon as the promises that are ready have run: what answers lead to leaves together.
 *
 * That a peer has died comes on the link of host 0, before whatever host 0 says because of it; the port to its replacement comes
 * beside the links, sooner or later than that.
 *
 * Invariants
 *  H3  a host has no link to itself.
 *  H4  of a peer, each incarnation is joined before the next, and none that is known to have died.
 */

import { assert } from "../assert.ts";
import { linkCreditMessages } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { PacketReceiver, Port } from "../seams/transport.ts";
import { type Frame, frameKind } from "./frame.ts";
import { Link } from "./link.ts";

export class HostLinks {
  readonly #host: number;
  readonly #clock: Clock;
  readonly #onFlush: () => void;
  readonly #links: (Link | undefined)[] = [];
  /** The incarnation of each peer that is joined, or was. */
  readonly #joined: number[] = [];
  /** The newest incarnation of each peer that is known to have died. */
  readonly #left: number[] = [];
  /** User messages taken from each host, and not given back as credit yet. */
  readonly #takenMessages: number[] = [];
  /** Hosts whose thread is not replaced any more. */
  readonly #goneHosts = new Set<number>();
  #flushArmed = false;
  #isClosed = false;

  /** @param onFlush called soon after `flushSoon` */
  constructor(host: number, clock: Clock, onFlush: () => void) {
    this.#host = host;
    this.#clock = clock;
    this.#onFlush = onFlush;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** H4: connects the link to a host, or connects it again after `leave`. */
  join(peer: number, incarnation: number, port: Port, receiver: PacketReceiver): void {
    if (incarnation <= (this.#left[peer] ?? noIncarnation)) return port.close();
    this.#joined[peer] = incarnation;
    this.#linkTo(peer).join(port, receiver);
  }

  /** Whether that incarnation of a host is joined, or has not been yet, and has not been left. */
  knows(peer: number, incarnation: number): boolean {
    return incarnation >= (this.#joined[peer] ?? noIncarnation) && incarnation > (this.#left[peer] ?? noIncarnation);
  }

  /** Whether an earlier incarnation of a host than that is joined. */
  hasOlder(peer: number, incarnation: number): boolean {
    const joined = this.#joined[peer] ?? noIncarnation;
    return joined < incarnation && joined > (this.#left[peer] ?? noIncarnation);
  }

  /** That incarnation of a host died: what it had not taken is lost, what follows is held until `join`. */
  leave(peer: number, incarnation: number): void {
    this.#left[peer] = incarnation;
    this.#linkTo(peer).leave();
    this.#takenMessages[peer] = 0;
  }

  /** The other host died, and will not come back. */
  giveUp(peer: number): void {
    this.#linkTo(peer).leave();
    this.#goneHosts.add(peer);
  }

  /** Whether nothing reaches that host any more. */
  isGone(host: number): boolean {
    return this.#goneHosts.has(host);
  }

  /** A frame of the runtime itself. Throws ERR_RT_NOT_PLAIN_DATA, ERR_RT_FRAME_TOO_LARGE. */
  send(host: number, frame: Frame, attachments?: readonly Uint8Array[]): void {
    this.#linkTo(host).send(frame, attachments);
    this.flushSoon();
  }

  /** A message of a user; false when too many wait already. Throws like `send`. */
  sendMessage(host: number, frame: Frame): boolean {
    this.flushSoon();
    return this.#linkTo(host).sendMessage(frame);
  }

  /** A user message was taken. Credit goes back in quarters of the window, so that it costs one small frame in many. */
  messageTaken(peer: number): void {
    const taken = (this.#takenMessages[peer] ?? 0) + 1;
    this.#takenMessages[peer] = taken;
    if (taken < linkCreditMessages / 4) return;
    this.#takenMessages[peer] = 0;
    this.send(peer, [frameKind.linkCredit, taken]);
  }

  /** The other host has taken `messageCount` user messages. */
  grant(peer: number, messageCount: number): void {
    this.#linkTo(peer).grant(messageCount);
  }

  /** What is written outside a run of turns leaves soon after. */
  flushSoon(): void {
    if (this.#flushArmed) return;
    this.#flushArmed = true;
    this.#clock.afterPromises(this.#flushArmedNow);
  }

  readonly #flushArmedNow = (): void => {
    this.#flushArmed = false;
    this.#onFlush();
  };

  /** What is written leaves now. */
  flush(): void {
    if (this.#isClosed) return;
    for (let index = 0; index < this.#links.length; index += 1) this.#links[index]?.flush();
  }

  /** Sends what was written, and nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const link of this.#links) link?.close();
  }

  #linkTo(host: number): Link {
    assert(host !== this.#host, "H3: a host has no link to itself");
    let link = this.#links[host];
    if (link === undefined) {
      link = new Link();
      this.#links[host] = link;
    }
    return link;
  }
}

/** Before the first incarnation, which is 0. */
const noIncarnation = -1;
