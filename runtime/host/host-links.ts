/**
 * HostLinks: the links of one host to all others, and when what is written on them leaves: at the end of a run of turns, or
 * soon after when it is written outside of one.
 *
 * Invariant
 *  H3  a host has no link to itself.
 */

import { assert } from "../assert.ts";
import { linkCreditMessages } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { Port } from "../seams/transport.ts";
import { type Frame, frameKind } from "./frame.ts";
import { Link } from "./link.ts";

export class HostLinks {
  readonly #host: number;
  readonly #clock: Clock;
  readonly #onFlush: () => void;
  readonly #links: (Link | undefined)[] = [];
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

  /** Connects the link to another host, or connects it again after `leave`. */
  join(peer: number, port: Port, receiver: (packet: Uint8Array) => void): void {
    this.#linkTo(peer).join(port, receiver);
  }

  /** The other host died: what it had not taken is lost, what follows is held until `join`. */
  leave(peer: number): void {
    this.#linkTo(peer).leave();
    this.#takenMessages[peer] = 0;
  }

  /** The other host died, and will not come back. */
  giveUp(peer: number): void {
    this.#goneHosts.add(peer);
  }

  /** Whether nothing reaches that host any more. */
  isGone(host: number): boolean {
    return this.#goneHosts.has(host);
  }

  /** A frame of the runtime itself. Throws ERR_RT_NOT_PLAIN_DATA, ERR_RT_FRAME_TOO_LARGE. */
  send(host: number, frame: Frame): void {
    this.#linkTo(host).send(frame);
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
    this.#clock.soon(this.#flushArmedNow);
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
