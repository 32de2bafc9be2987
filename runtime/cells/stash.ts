/** Stash: the messages that an actor has put aside, oldest first; bounded. */

import { stashMessagesMax } from "../limits.ts";
import { StashFullError } from "./delivery-error.ts";
import type { Envelope } from "./mailbox.ts";

export class Stash {
  #envelopes: Envelope[] = [];

  /** Throws ERR_RT_STASH_FULL. */
  put(envelope: Envelope, path: string): void {
    if (this.#envelopes.length >= stashMessagesMax) throw new StashFullError(path);
    this.#envelopes.push(envelope);
  }

  /** Takes one out again; false when it is not there. */
  remove(envelope: Envelope): boolean {
    const index = this.#envelopes.lastIndexOf(envelope);
    if (index >= 0) this.#envelopes.splice(index, 1);
    return index >= 0;
  }

  takeAll(): readonly Envelope[] {
    const envelopes = this.#envelopes;
    this.#envelopes = [];
    return envelopes;
  }
}
