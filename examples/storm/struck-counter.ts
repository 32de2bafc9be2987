/** StruckCounter: counts the events of each key, and is struck by the faults of a plan. */

import type { OperatorState, ProcessContext, ValueState } from "../../jobs/index.ts";
import type { Struck } from "./struck.ts";

/** An event, and how many of its key there were up to it. */
export interface Counted {
  readonly event: number;
  readonly count: number;
}

export class StruckCounter {
  readonly #struck: Struck;
  #counts!: ValueState<number, number>;

  constructor(struck: Struck) {
    this.#struck = struck;
  }

  open({ state }: { readonly state: OperatorState }): void {
    this.#counts = state.value("counts", { initial: () => 0 });
  }

  onEvent(event: number, context: ProcessContext<Counted>): void {
    this.#struck.at(event);
    const count = this.#counts.get() + 1;
    this.#counts.set(count);
    context.emit({ event, count });
  }
}
