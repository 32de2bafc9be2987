/**
 * AcknowledgedInputs: what the acknowledging sources of a swarm read from. As a broker does, it knows of each instance how far that was
 * acknowledged, and notes what a job must never do. It outlives threads and processes.
 *
 * A `log` can be read from any position, and forgets what was acknowledged. A `queue` delivers what was not acknowledged, whatever it
 * delivered before; under exactly-once its readers leave out what their position says was taken.
 */

import type { Guarantee } from "../../epochs/guarantee.ts";
import { instanceOf } from "./swarm-item.ts";
import type { SwarmItem, SwarmPlan, SwarmSource } from "./swarm-plan.ts";
import type { SwarmTroubles } from "./swarm-troubles.ts";

export class AcknowledgedInputs {
  /** Acknowledgements that came before they were due, or went back (I9). */
  readonly early: string[] = [];
  readonly #guarantee: Guarantee;
  readonly #sources: readonly SwarmSource[];
  readonly #troubles: SwarmTroubles;
  /** The next event that was not acknowledged, by source instance. */
  readonly #next = new Map<string, number>();
  /** The same, as far as the job was told: an acknowledgement that failed may have taken effect. */
  readonly #told = new Map<string, number>();
  readonly #endedMs = new Map<string, number>();
  #calls = 0;

  constructor({ guarantee, sources }: Pick<SwarmPlan, "guarantee" | "sources">, troubles: SwarmTroubles) {
    this.#guarantee = guarantee;
    this.#troubles = troubles;
    this.#sources = sources.filter(({ acknowledges }) => acknowledges !== undefined);
    for (const { name, parallelism } of this.#sources) {
      for (let instance = 0; instance < parallelism; instance += 1) this.#next.set(`${name}.${instance}`, 0);
    }
  }

  /** Where a reader goes on that is opened at a position. */
  opened({ name, acknowledges }: SwarmSource, instance: number, position: number | undefined): number {
    const acknowledged = this.#next.get(`${name}.${instance}`) ?? 0;
    // Under at-most-once a process that dies takes along what it had reserved.
    const asked = position ?? (this.#guarantee === "at-most-once" ? acknowledged : 0);
    // What a queue delivers again may be less than what was taken before: the position goes back, and nothing is lost.
    if (acknowledges === "queue" && this.#guarantee !== "exactly-once") return acknowledged;
    const told = this.#told.get(`${name}.${instance}`) ?? 0;
    if (asked < told)
      this.early.push(`${name}.${instance} starts from ${asked}, and has acknowledged what is before ${told}`);
    return Math.max(asked, acknowledged);
  }

  /** What is before a position will not be asked for again: at once, or after a while, unless it is to fail. */
  acknowledge({ name }: SwarmSource, instance: number, position: number): void | Promise<void> {
    this.#calls += 1;
    const place = `${name}.${instance}`;
    const act = () => {
      const next = Math.max(position, this.#next.get(place) ?? 0);
      this.#troubles.during("acknowledge", name, () => this.#next.set(place, next));
      this.#told.set(place, next);
    };
    if (this.#calls % 2 === 0) void act();
    else return later(this.#calls % 5, act);
  }

  /** An item has come to an operator. Under at-most-once it was acknowledged before it was handed on. */
  arrived(item: SwarmItem): void {
    if (this.#guarantee !== "at-most-once") return;
    const acknowledged = this.#next.get(instanceOf(item));
    if (acknowledged === undefined || item.seq < acknowledged) return;
    this.early.push(`${instanceOf(item)} has handed on ${item.seq}, and acknowledged what is before ${acknowledged}`);
  }

  /** A reader has come to the end. */
  ended({ name }: SwarmSource, instance: number, atMs: number): void {
    this.#endedMs.set(`${name}.${instance}`, atMs);
  }

  /**
   * What was read to its end in calm, and not acknowledged up to there (I7). Who is lost behind the last checkpoint of a source that has
   * ended is not told of that again.
   */
  left(calmFromMs: number): readonly string[] {
    return this.#sources.flatMap(({ name, parallelism, itemCount }) =>
      Array.from({ length: parallelism }, (_, instance) => `${name}.${instance}`)
        .filter((place) => (this.#endedMs.get(place) ?? 0) > calmFromMs)
        .filter((place) => (this.#next.get(place) ?? 0) < itemCount)
        .map((place) => `${place} has acknowledged ${this.#next.get(place)} of ${itemCount}`),
    );
  }
}

async function later(rounds: number, act: () => unknown): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await null;
  act();
}
