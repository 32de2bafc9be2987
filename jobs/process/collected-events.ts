/** CollectedEvents: what the `collect` sinks of another process have collected, as it arrives in parts. */

import { ProcessAccessError } from "./process-error.ts";
import type { DescribedJob } from "./process-protocol.ts";

export class CollectedEvents {
  readonly #bySink = new Map<string, unknown[]>();

  add(sink: string, events: readonly unknown[]): void {
    const collected = this.#bySink.get(sink) ?? [];
    this.#bySink.set(sink, collected);
    for (const event of events) collected.push(event);
  }

  /** Nothing of a process that could not tell before its end. Throws ERR_JOB_PROCESS_ACCESS when there is no such sink. */
  of(sink: string, job: DescribedJob | undefined): readonly unknown[] {
    const sinks = (job?.operators ?? []).filter(({ label }) => label === "collect").map(({ name }) => name);
    if (sinks.includes(sink)) return this.#bySink.get(sink) ?? [];
    const names = sinks.map((name) => JSON.stringify(name)).join(", ");
    throw new ProcessAccessError(
      `the job has no collect sink named ${JSON.stringify(sink)}; it has ${names === "" ? "none" : names}`,
      { details: { sink } },
    );
  }
}
