/** SharedValues: what the cells of one host share by key; made by the first user, disposed after the last release. */

import type { Shared } from "../cells/cell-logic.ts";

interface Entry {
  readonly value: unknown;
  readonly dispose: (value: never) => void | Promise<void>;
  userCount: number;
}

export class SharedValues {
  readonly #entries = new Map<string, Entry>();

  acquire<T>(key: string, create: () => T, dispose: (value: T) => void | Promise<void>): Shared<T> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { value: create(), dispose, userCount: 0 };
      this.#entries.set(key, entry);
    }
    entry.userCount += 1;
    return { value: entry.value as T, release: once(() => this.#release(key)) };
  }

  #release(key: string): void | Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.userCount -= 1;
    if (entry.userCount > 0) return;
    this.#entries.delete(key);
    return entry.dispose(entry.value as never);
  }
}

function once(release: () => void | Promise<void>): () => void | Promise<void> {
  let released = false;
  return () => {
    if (released) return;
    released = true;
    return release();
  };
}
