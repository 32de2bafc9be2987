/**
 * ServiceThread: a thread of its own for something that blocks, such as a database. It runs no code of users, handles one
 * request at a time, and is never terminated: it ends by itself after the last answer.
 *
 * Invariants
 *  S1  every request is answered once; when the thread dies, by the error it died of. A request is handled when the one before is
 *      answered, or goes on aside.
 *  S2  it keeps the process alive exactly while an answer is due.
 *
 * Not here: threads that run hosts (thread-pool.ts).
 */

import { Worker } from "node:worker_threads";
import { MillraceError } from "../errors/millrace-error.ts";
import { fromWire, type WireError } from "../errors/wire-error.ts";
import { moduleBeside } from "../module-beside.ts";

/**
 * What the module of a service exports: makes what answers requests, at once or by a promise. What it throws or rejects with
 * is the answer, as an error.
 */
export type ServiceFactory = () => (request: unknown) => unknown;

/** What a service returns for a request that goes on aside: those behind it are handled, and may be answered, meanwhile. */
export class Aside {
  readonly answer: Promise<unknown>;

  constructor(answer: Promise<unknown>) {
    this.answer = answer;
  }
}

/** What the thread is started with. */
export interface ServiceModule {
  readonly module: string;
  /** The name under which the module exports its ServiceFactory. */
  readonly export: string;
}

/** Requests are numbered from 0. */
export interface ServiceRequest {
  readonly number: number;
  readonly message: unknown;
}

export type ServiceAnswer = { readonly number: number } & ({ readonly value: unknown } | { readonly error: WireError });

/** The request after which the thread ends. */
export const endOfService = "end of service";

/** The thread of a service has ended, although nobody asked it to; the cause says of what. */
export class ServiceThreadError extends MillraceError {
  readonly code = "ERR_RT_SERVICE_THREAD";
}

export class ServiceThread {
  readonly #worker: Worker;
  /** By the number of the request. */
  readonly #due = new Map<number, PromiseWithResolvers<unknown>>();
  #requestCount = 0;
  readonly #exited = Promise.withResolvers<void>();
  readonly #name: string;
  #end: ServiceThreadError | undefined;

  /** Starts the thread; a module that does not load answers every request with an error. */
  constructor(service: ServiceModule) {
    this.#name = service.module;
    this.#worker = new Worker(serviceMain, { workerData: service, execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (answer: ServiceAnswer) => this.#answered(answer));
    this.#worker.on("error", (error: unknown) => this.#ended(error));
    this.#worker.on("exit", () => {
      this.#ended(undefined);
      this.#exited.resolve();
    });
  }

  /**
   * What the service answers. The message is plain data; the buffers in `transfer` are empty afterwards.
   *
   * Rejects with what the service threw, or ERR_RT_SERVICE_THREAD.
   */
  request(message: unknown, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const answer = Promise.withResolvers<unknown>();
    const request: ServiceRequest = { number: this.#requestCount, message };
    this.#requestCount += 1;
    this.#due.set(request.number, answer);
    this.#worker.ref();
    this.#worker.postMessage(request, transfer);
    return answer.promise;
  }

  /** Resolves when everything asked for has been answered and the thread has ended. */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    await this.request(endOfService);
    this.#worker.ref();
    await this.#exited.promise;
  }

  #answered(answer: ServiceAnswer): void {
    const due = this.#due.get(answer.number);
    this.#due.delete(answer.number);
    if (this.#due.size === 0) this.#worker.unref();
    if ("error" in answer) due?.reject(fromWire(answer.error));
    else due?.resolve(answer.value);
  }

  #ended(cause: unknown): void {
    this.#end ??= new ServiceThreadError(`the thread of ${this.#name} has ended`, { cause });
    for (const due of this.#due.values()) due.reject(this.#end);
    this.#due.clear();
  }
}

const serviceMain = new URL(moduleBeside(import.meta.url, "service-thread-main"));
