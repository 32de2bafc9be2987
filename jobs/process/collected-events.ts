/** CollectedEvents: what the `collect` sinks of another process have collected, as it arrives in parts. */

import { ProcessAccessError } from "./process-error.ts";

export class CollectedEvents {
  readonly #bySink = new Map<string, unknown[]>();

  add(sink: string, events: readonly unknown[]): void {
    const collected = this.#bySink.get(sink) ?? [];
    this.#bySink.set(sink, collected);
    for (const event of events) collected.push(event);
  }

  /** Throws ERR_JOB_PROCESS_ACCESS when there is no such sink. */
  of(sink: string): readonly unknown[] {
    const collected = this.#bySink.get(sink);
    if (collected !== undefined) return collected;
    const names = [...this.#bySink.keys()].map((name) => JSON.stringify(name)).join(", ");
    throw new ProcessAccessError(
      `the process of the job has told of no collect sink named ${JSON.stringify(sink)}; it has ${names === "" ? "none" : names}`,
      { details: { sink } },
    );
  }
}
