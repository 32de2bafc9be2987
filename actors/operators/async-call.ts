/**
 * AsyncCall: one attempt of `mapAsync` at one event, as the author's function sees it. Unlike the context of plain functions
 * it is an object of its own, because many calls are in flight at a time.
 */

import type { Key } from "../batch.ts";
import { CopiedPlace, type OperatorPlace } from "./event-context.ts";

/** What an asynchronous function may ask about its call; stays valid however long it takes. */
export interface CallContext extends OperatorPlace {
  /** Aborted when the call has timed out and when the operator closes: nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** Raised at every retry, from 1. */
  readonly attempt: number;
  /** The event time of the event in ms since the epoch. */
  readonly time: number | undefined;
  readonly key: Key | undefined;
}

/** One attempt. Makes its abort controller only when the function asks for the signal. */
export class AsyncCall extends CopiedPlace implements CallContext {
  readonly attempt: number;
  readonly time: number | undefined;
  readonly key: Key | undefined;
  #controller: AbortController | undefined;
  #isAborted = false;
  #reason: unknown;

  constructor(place: OperatorPlace, event: Pick<CallContext, "time" | "key">, attempt: number) {
    super(place);
    this.attempt = attempt;
    this.time = event.time;
    this.key = event.key;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
