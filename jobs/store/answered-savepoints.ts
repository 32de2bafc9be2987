/** AnsweredSavepoints: the savepoints that people ask a run for, as its storage tells of them: each is taken and answered once. */

import type { SavepointRequests } from "./file/savepoint-requests.ts";

export class AnsweredSavepoints {
  readonly #requests: Pick<SavepointRequests, "answer">;
  readonly #taking = new Set<string>();
  #take: ((name: string) => Promise<unknown>) | undefined;

  constructor(requests: Pick<SavepointRequests, "answer">) {
    this.#requests = requests;
  }

  answerBy(take: (name: string) => Promise<unknown>): void {
    this.#take = take;
  }

  /** What is asked for by now. */
  see(names: readonly string[]): void {
    for (const name of names) {
      if (this.#take === undefined || this.#taking.has(name)) continue;
      this.#taking.add(name);
      void this.#take(name).then(
        () => this.#answer(name, undefined),
        (error: unknown) => this.#answer(name, error),
      );
    }
  }

  /** Who cannot be answered gives up by itself. */
  #answer(name: string, error: unknown): void {
    this.#taking.delete(name);
    try {
      this.#requests.answer(name, error);
    } catch {
      return;
    }
  }
}
