/**
 * Mailbox: what waits for one cell. Two lanes: system messages (timers, terminations) overtake user messages; each lane
 * is FIFO. The user lane is bounded; the system lane holds what the runtime itself put there, one per timer or watch.
 */

import type { Address } from "../address.ts";
import type { SystemMessage } from "./cell-logic.ts";
import { Ring } from "./ring.ts";

export interface Envelope {
  /** The path that it was sent to. */
  readonly to: string;
  readonly message: unknown;
  readonly from: Address | undefined;
  /** Set when the sender waits for an answer. */
  readonly ask: { readonly id: number; readonly host: number } | undefined;
  /** How often the actor has failed at it. */
  failureCount: number;
}

export class Mailbox {
  readonly #userMessagesMax: number;
  readonly #system = new Ring<SystemMessage>();
  readonly #user = new Ring<Envelope>();

  constructor(userMessagesMax: number) {
    this.#userMessagesMax = userMessagesMax;
  }

  get length(): number {
    return this.#system.length + this.#user.length;
  }

  /** False when the user lane is full: the envelope was not taken. */
  offer(envelope: Envelope): boolean {
    if (this.#user.length >= this.#userMessagesMax) return false;
    this.#user.push(envelope);
    return true;
  }

  pushSystem(message: SystemMessage): void {
    this.#system.push(message);
  }

  /** Puts envelopes that were taken before back in front of the user lane, in their order; the bound does not apply. */
  putBack(envelopes: readonly Envelope[]): void {
    for (let index = envelopes.length - 1; index >= 0; index -= 1) {
      const envelope = envelopes[index];
      if (envelope !== undefined) this.#user.unshift(envelope);
    }
  }

  takeSystem(): SystemMessage | undefined {
    return this.#system.shift();
  }

  takeUser(): Envelope | undefined {
    return this.#user.shift();
  }

  /** Empties both lanes; returns the user messages that waited, oldest first. */
  drain(): Envelope[] {
    this.#system.drain();
    return this.#user.drain();
  }
}
