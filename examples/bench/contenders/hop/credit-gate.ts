/**
 * Credit: how many more messages a sender may post before the receiver has to report. Without it a port queues without
 * bound, and the fast sender measures how quickly it can fill memory.
 */

export class CreditGate {
  #available: number;
  #waiting: (() => void) | undefined;

  constructor(windowMessages: number) {
    this.#available = windowMessages;
  }

  /** Takes one credit if there is one. */
  tryTake(): boolean {
    if (this.#available === 0) return false;
    this.#available--;
    return true;
  }

  /** Resolves when there is credit again. One waiter at a time. */
  refilled(): Promise<void> {
    if (this.#available > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  give(messages: number): void {
    this.#available += messages;
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
