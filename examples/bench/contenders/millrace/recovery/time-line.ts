/** TimeLine: where the time of each recovery goes: phases, one behind the other, from the fault to the end of the last one. */

export class TimeLine<Phase extends string> {
  readonly latenciesUs: Float64Array;
  /** By phase, in their order; of each recovery they add up to its latency. */
  readonly phasesUs: Readonly<Record<Phase, Float64Array>>;
  readonly #phases: readonly Phase[];
  /** When each phase of the recovery in hand was over. */
  readonly #endsMs = new Map<Phase, number>();
  #startMs = 0;

  constructor(phases: readonly Phase[], recoveries: number) {
    this.#phases = phases;
    this.latenciesUs = new Float64Array(recoveries);
    const taken = phases.map((phase) => [phase, new Float64Array(recoveries)] as const);
    this.phasesUs = Object.fromEntries(taken) as Record<Phase, Float64Array>;
  }

  /** The fault comes now. */
  begin(): void {
    this.#endsMs.clear();
    this.#startMs = performance.now();
  }

  /** A phase is over, the first time that it is said. */
  over(phase: Phase, atMs = performance.now()): void {
    if (!this.#endsMs.has(phase)) this.#endsMs.set(phase, atMs);
  }

  /** The recovery is over. One that was told of no end of a phase has spent no time in it. */
  end(recovery: number, atMs: number): void {
    let fromMs = this.#startMs;
    for (const [index, phase] of this.#phases.entries()) {
      const isLast = index === this.#phases.length - 1;
      const toMs = isLast ? atMs : Math.min(atMs, Math.max(fromMs, this.#endsMs.get(phase) ?? fromMs));
      this.phasesUs[phase][recovery] = (toMs - fromMs) * 1000;
      fromMs = toMs;
    }
    this.latenciesUs[recovery] = (atMs - this.#startMs) * 1000;
  }
}
