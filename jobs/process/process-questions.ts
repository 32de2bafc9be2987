/**
 * ProcessQuestions: what was asked of the process of a run and is not answered yet. Every question ends: by its answer, its
 * deadline, the end of the process (an ask) or of the run (a report).
 *
 * Invariants
 *  Q1  an ask is sent once: when the process dies it fails, as nobody knows whether it was heard.
 *  Q2  a report that is being waited for is asked of the next process when one dies.
 */

import { AskTimeoutError, type CancelTimer, type Clock, fromWire, type WireError } from "../../runtime/index.ts";
import type { RunReport } from "../run/run-report.ts";
import type { Question } from "./process-protocol.ts";

type Ask = Extract<Question, { kind: "ask" }>;

interface PendingAsk {
  readonly answer: PromiseWithResolvers<unknown>;
  readonly cancelTimer: CancelTimer;
}

export class ProcessQuestions {
  readonly #clock: Clock;
  readonly #send: (id: number, question: Question) => void;
  readonly #asks = new Map<number, PendingAsk>();
  #lastId = 0;
  #report: { id: number; readonly answer: PromiseWithResolvers<RunReport> } | undefined;

  /** @param send to the process that runs now */
  constructor(clock: Clock, send: (id: number, question: Question) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Asks that wait for their answer. */
  get askCount(): number {
    return this.#asks.size;
  }

  /** Rejects with what it was refused with, or ERR_RT_ASK_TIMEOUT. */
  ask(question: Ask): Promise<unknown> {
    const { operator, instance, timeoutMs } = question;
    const answer = Promise.withResolvers<unknown>();
    const id = this.#sendNext(question);
    const cancelTimer = this.#clock.after(timeoutMs, () => {
      this.#asks.delete(id);
      answer.reject(new AskTimeoutError(`${operator}/${instance}`, timeoutMs));
    });
    this.#asks.set(id, { answer, cancelTimer });
    return answer.promise;
  }

  /** Everybody who waits for a report gets the same. */
  report(isProcessUp: boolean): Promise<RunReport> {
    if (this.#report === undefined) {
      this.#report = { id: 0, answer: Promise.withResolvers() };
      this.#report.answer.promise.catch(() => undefined);
      if (isProcessUp) this.onProcessBegun();
    }
    return this.#report.answer.promise;
  }

  onProcessBegun(): void {
    if (this.#report !== undefined) this.#report.id = this.#sendNext({ kind: "report" });
  }

  onAnswer(id: number, value: unknown): void {
    if (id !== this.#report?.id) return this.#settle(id)?.resolve(value);
    const { answer } = this.#report;
    this.#report = undefined;
    answer.resolve(value as RunReport);
  }

  onRefusal(id: number, error: WireError): void {
    this.#settle(id)?.reject(fromWire(error));
  }

  onProcessEnded(error: Error): void {
    for (const id of [...this.#asks.keys()]) this.#settle(id)?.reject(error);
  }

  /** With the last report, or why there is none. */
  onRunEnded(report: RunReport, error: Error | undefined): void {
    if (error === undefined) this.#report?.answer.resolve(report);
    else this.#report?.answer.reject(error);
  }

  #sendNext(question: Question): number {
    this.#lastId += 1;
    this.#send(this.#lastId, question);
    return this.#lastId;
  }

  #settle(id: number): PromiseWithResolvers<unknown> | undefined {
    const ask = this.#asks.get(id);
    this.#asks.delete(id);
    ask?.cancelTimer();
    return ask?.answer;
  }
}
