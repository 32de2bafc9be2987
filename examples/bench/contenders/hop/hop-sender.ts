/**
 * Thread A of W4: posts payloads to a worker under credit, then asks it for its counts. The protocol is as small as it
 * can be, so that what is measured is the payload: payload | null (end of round) one way, number (credit) | array
 * (counts) the other.
 */

import { type Transferable, Worker } from "node:worker_threads";
import { CreditGate } from "./credit-gate.ts";

export interface HopLimits {
  readonly windowMessages: number;
  /** The receiver gives credit back in portions: a report per message would be a second message per message. */
  readonly messagesPerCredit: number;
}

export class HopSender<Payload> {
  readonly #worker: Worker;
  readonly #gate: CreditGate;
  #counts = Promise.withResolvers<readonly number[]>();

  constructor(receiver: URL, limits: HopLimits) {
    this.#gate = new CreditGate(limits.windowMessages);
    this.#worker = new Worker(receiver, { workerData: limits.messagesPerCredit });
    this.#worker.on("message", (reply: number | readonly number[]) => {
      if (typeof reply === "number") this.#gate.give(reply);
      else this.#counts.resolve(reply);
    });
    this.#worker.on("error", (error) => this.#counts.reject(error));
  }

  /** False without credit: wait for `refilled` and post again. */
  tryPost(payload: Payload, transfer?: readonly Transferable[]): boolean {
    if (!this.#gate.tryTake()) return false;
    this.#worker.postMessage(payload, transfer);
    return true;
  }

  refilled(): Promise<void> {
    return this.#gate.refilled();
  }

  /** Ends the round: resolves with what the receiver counted since the last one. */
  async finish(): Promise<readonly number[]> {
    this.#worker.postMessage(null);
    const counts = await this.#counts.promise;
    this.#counts = Promise.withResolvers();
    return counts;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
