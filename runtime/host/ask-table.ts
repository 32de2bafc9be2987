/**
 * AskTable: the asks of one host that wait for an answer. Every ask ends: by its answer, its deadline, or a lost host.
 *
 * Most asks are answered long before their deadline. A timer for each would be set and cancelled to no end, so one timer looks at all
 * of them when the first is due.
 *
 * Invariant
 *  A1  while asks wait, a look comes by the first of their deadlines, or as soon after it as so many may be looked at again.
 */

import type { Address } from "../address.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import { asksPendingMax, deadlineLookMsMax, deadlinesPerMsMax } from "../limits.ts";
import type { CancelTimer, Clock } from "../seams/clock.ts";

export class AskTimeoutError extends MillraceError {
  readonly code = "ERR_RT_ASK_TIMEOUT";
  constructor(path: string, timeoutMs: number) {
    super(`${path} did not answer within ${timeoutMs} ms`, { details: { path, timeoutMs } });
  }
}

export class TooManyAsksError extends MillraceError {
  readonly code = "ERR_RT_TOO_MANY_ASKS";
  constructor() {
    super(`${asksPendingMax} asks wait for an answer on this host, the most allowed`);
  }
}

export class HostLostError extends MillraceError {
  readonly code = "ERR_RT_HOST_LOST";
  constructor(host: number, cause: unknown) {
    super(`host ${host} was lost${cause instanceof Error ? `: ${cause.message}` : ""}`, { cause, details: { host } });
  }
}

/** Ids stay whole numbers for two million incarnations of a host. */
const asksPerIncarnation = 2 ** 32;

interface PendingAsk {
  readonly to: Address;
  readonly timeoutMs: number;
  readonly dueMs: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class AskTable {
  readonly #clock: Clock;
  readonly #pending = new Map<number, PendingAsk>();
  readonly #look = () => this.#lookAtDeadlines();
  #nextId: number;
  /** When deadlines are looked at next. */
  #lookMs = Number.POSITIVE_INFINITY;
  #cancelLook: CancelTimer = () => undefined;

  /** @param hostIncarnation an answer to an ask of an earlier thread of the same host is not taken for one of this */
  constructor(clock: Clock, hostIncarnation: number) {
    this.#clock = clock;
    this.#nextId = hostIncarnation * asksPerIncarnation;
  }

  /** Opens an ask; `send` gets its id. Rejects with ERR_RT_ASK_TIMEOUT, ERR_RT_HOST_LOST, or the error of the answer. */
  open(to: Address, timeoutMs: number, send: (askId: number) => void): Promise<unknown> {
    if (this.#pending.size >= asksPendingMax) return Promise.reject(new TooManyAsksError());
    const askId = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const nowMs = this.#clock.monotonicMs();
      const dueMs = nowMs + timeoutMs;
      this.#pending.set(askId, { to, timeoutMs, dueMs, resolve, reject });
      try {
        send(askId);
      } catch (error) {
        return this.settle(askId, false, error);
      }
      this.#lookBy(dueMs, nowMs);
    });
  }

  /** Ends an ask; an answer that comes after the end is ignored. */
  settle(askId: number, ok: boolean, value: unknown): void {
    const ask = this.#pending.get(askId);
    if (ask === undefined) return;
    this.#pending.delete(askId);
    if (ok) ask.resolve(value);
    else ask.reject(value);
  }

  /** The messages that were on their way to `host` are lost: their asks end now. */
  hostLost(host: number, cause: unknown): void {
    for (const [askId, ask] of this.#pending) {
      if (ask.to.host === host) this.settle(askId, false, new HostLostError(host, cause));
    }
  }

  /** Ends every ask with `error`. */
  rejectAll(error: unknown): void {
    for (const askId of [...this.#pending.keys()]) this.settle(askId, false, error);
    this.#cancelLook();
    this.#lookMs = Number.POSITIVE_INFINITY;
  }

  #lookBy(dueMs: number, nowMs: number): void {
    const lookMs = Math.min(dueMs, nowMs + deadlineLookMsMax);
    if (lookMs >= this.#lookMs) return;
    this.#cancelLook();
    this.#lookMs = lookMs;
    this.#cancelLook = this.#clock.after(lookMs - nowMs, this.#look);
  }

  /** A1 */
  #lookAtDeadlines(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#lookMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [askId, { to, timeoutMs, dueMs }] of this.#pending) {
      if (dueMs <= nowMs) this.settle(askId, false, new AskTimeoutError(to.path, timeoutMs));
      else nextMs = Math.min(nextMs, dueMs);
    }
    const waitingCount = this.#pending.size;
    if (waitingCount > 0) this.#lookBy(Math.max(nextMs, nowMs + waitingCount / deadlinesPerMsMax), nowMs);
  }
}
