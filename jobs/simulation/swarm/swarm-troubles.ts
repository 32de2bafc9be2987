/**
 * SwarmTroubles: the faults of a plan that strike inside the functions of its job: it counts the calls and throws at those
 * that are to fail. It outlives threads and processes, as what a job reads from and writes to does.
 */

import type { SwarmFault, SwarmItem } from "./swarm-plan.ts";

/** A function of a job of the swarm failed, as planned. */
class SwarmTroubleError extends Error {
  override readonly name = "SwarmTroubleError";
}

/** A fault inside the functions of a job. */
export type Trouble = Exclude<SwarmFault, { readonly kind: "world" | "point" }>;

/** One at something that takes effect outside of the job. */
type EffectTrouble = Extract<Trouble, { readonly kind: "sink" | "acknowledge" }>;

export class SwarmTroubles {
  readonly #faults: readonly Trouble[];
  /** Calls so far, by what is called. */
  readonly #calls = new Map<string, number>();
  readonly #struck = new Set<Trouble>();
  /** Operators and sources that were called: every instance of theirs was opened before. */
  readonly #begun = new Set<string>();

  /** Those that were opened since they were read last. */
  readonly #unread = new Set<string>();

  constructor(faults: readonly SwarmFault[]) {
    this.#faults = faults.filter((fault) => fault.kind !== "world" && fault.kind !== "point");
  }

  /** Those that have struck. */
  get struck(): readonly Trouble[] {
    return [...this.#struck];
  }

  /** An operator or a source is opened. Before the job has begun that succeeds: one that cannot start is refused. */
  opened(operator: string): void {
    this.#count(`start ${operator}`);
    this.#unread.add(operator);
    if (!this.#begun.has(operator)) return;
    const call = this.#count(`open ${operator}`);
    const faults = this.#faults.filter((fault) => fault.kind === "open").filter((fault) => fault.operator === operator);
    let first = 1;
    for (const fault of faults) {
      if (call >= first && call < first + fault.times) this.#strike(fault, `${operator} was opened`);
      first += fault.times;
    }
  }

  /** A source is read. */
  read(source: string): void {
    this.#begun.add(source);
    const call = this.#count(`read ${source}`);
    const start = this.#unread.delete(source) ? this.#calls.get(`start ${source}`) : undefined;
    for (const fault of this.#faults) {
      if (fault.kind === "first-read" && fault.source === source && fault.start === start) {
        this.#strike(fault, `${source} was read for the first time since its opening ${start}`);
      }
      if (fault.kind === "read" && fault.source === source && fault.call === call) {
        this.#strike(fault, `${source} was read the ${call}th time`);
      }
    }
  }

  /** An item reaches an operator. */
  event(operator: string, { key, seq }: SwarmItem): void {
    this.#begun.add(operator);
    for (const fault of this.#faults) {
      if (fault.kind === "poison" && fault.operator === operator && fault.key === key && fault.seq === seq) {
        this.#strike(fault, `${key}#${seq} is poison for ${operator}`);
      }
    }
  }

  /** A function of the writer of a sink is called, or a source acknowledges; it throws before or after it takes effect. */
  during<R>(what: EffectTrouble["kind"], name: string, act: () => R): R {
    const call = this.#count(`${what} ${name}`);
    const fault = this.#faults
      .filter((each) => each.kind === "sink" || each.kind === "acknowledge")
      .find((each) => each.kind === what && nameOf(each) === name && each.call === call);
    if (fault === undefined) return act();
    if (!fault.isLate) this.#strike(fault, `call ${call} of ${name}, before it took effect`);
    act();
    return this.#strike(fault, `call ${call} of ${name}, after it took effect`);
  }

  #count(what: string): number {
    const calls = (this.#calls.get(what) ?? 0) + 1;
    this.#calls.set(what, calls);
    return calls;
  }

  #strike(fault: Trouble, what: string): never {
    this.#struck.add(fault);
    throw new SwarmTroubleError(what);
  }
}

function nameOf(fault: EffectTrouble): string {
  return fault.kind === "sink" ? fault.sink : fault.source;
}
