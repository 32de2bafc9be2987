/**
 * FaultSlots: what the threads of a process know of the faults of a plan, in memory that they share: a few numbers for each
 * fault, by its place in the plan. It outlives threads, and ends with the process.
 */

/** Elements of one fault. */
const slot = {
  /** Events that have reached the operator instance that it names, over its incarnations. */
  events: 0,
  /** Strikes that are due and that nobody has carried out yet; of a stall, until when it lasts. */
  due: 1,
  /** The host that is to carry them out, where it matters. */
  host: 2,
} as const;
const slotsPerFault = Object.keys(slot).length;

export class FaultSlots {
  readonly #numbers: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Int32Array(memory);
  }

  static memoryFor(faultCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer(Math.max(1, faultCount) * slotsPerFault * Int32Array.BYTES_PER_ELEMENT);
  }

  /** An event has come. */
  countEvent(fault: number): void {
    Atomics.add(this.#numbers, fault * slotsPerFault + slot.events, 1);
  }

  /** How many have come. Only the thread of the instance counts them. */
  eventsOf(fault: number): number {
    return Atomics.load(this.#numbers, fault * slotsPerFault + slot.events);
  }

  /** Some strikes more are due, by the thread of that host. */
  add(fault: number, count: number, host: number): void {
    Atomics.store(this.#numbers, fault * slotsPerFault + slot.host, host);
    Atomics.add(this.#numbers, fault * slotsPerFault + slot.due, count);
  }

  /** Whether a strike is due; the caller carries it out, and nobody else does. */
  take(fault: number): boolean {
    const at = fault * slotsPerFault + slot.due;
    for (let due = Atomics.load(this.#numbers, at); due > 0; due = Atomics.load(this.#numbers, at)) {
      if (Atomics.compareExchange(this.#numbers, at, due, due - 1) === due) return true;
    }
    return false;
  }

  isDue(fault: number): boolean {
    return Atomics.load(this.#numbers, fault * slotsPerFault + slot.due) > 0;
  }

  hostOf(fault: number): number {
    return Atomics.load(this.#numbers, fault * slotsPerFault + slot.host);
  }

  /** Until when it lasts, in ms since the run began; 0 for never. */
  untilMs(fault: number): number {
    return Atomics.load(this.#numbers, fault * slotsPerFault + slot.due);
  }

  /** It lasts until then, or for ever. */
  lastUntil(fault: number, ms: number): void {
    Atomics.store(this.#numbers, fault * slotsPerFault + slot.due, Math.min(foreverMs, Math.ceil(ms)));
  }

  isForever(fault: number): boolean {
    return this.untilMs(fault) === foreverMs;
  }
}

const foreverMs = 2 ** 31 - 1;
