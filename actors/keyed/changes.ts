/** changes: passes on an event when it differs from the one of its key that was passed on before it; the first one always. */

import type { OperatorSpec } from "../operator.ts";
import { checkPlainFunction, checkPlainResult } from "../operators/plain-function.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { StateOptions, ValueState } from "../state/operator-state.ts";
import { checkVersioning } from "../state/state-migration.ts";
import { stateOptionsOf } from "../state/state-options.ts";
import { checkTtl } from "../state/state-ttl.ts";

/**
 * Passes on what has changed, by key. Compared with the event that was passed on last, so that a value that drifts by less than
 * `isEqual` tells apart is noticed when it has gone far enough. Events are kept as state.
 *
 * @param isEqual whether the second event says nothing new after the first; what it throws fails the event
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function changes<E>(isEqual: (before: E, event: E) => boolean, options: StateOptions = {}): OperatorSpec {
  checkPlainFunction("changes", isEqual);
  checkVersioning("changes", options);
  checkTtl("changes", options);
  const same = isEqual as (before: unknown, event: unknown) => boolean;
  const maker = () => new Changes(same, stateOptionsOf(options));
  return { ...process(maker, { keyed: true }), kind: "changes" };
}

class Changes implements ProcessOperator {
  readonly #isEqual: (before: unknown, event: unknown) => boolean;
  readonly #options: StateOptions;
  /** In a box: an event may be undefined. */
  #last!: ValueState<readonly [event: unknown]>;

  constructor(isEqual: (before: unknown, event: unknown) => boolean, options: StateOptions) {
    this.#isEqual = isEqual;
    this.#options = options;
  }

  open({ state }: ProcessContext): void {
    this.#last = state.value("last", this.#options);
  }

  onEvent(event: unknown, context: ProcessContext): void {
    const last = this.#last.get();
    if (last !== undefined) {
      const isEqual = this.#isEqual(last[0], event);
      checkPlainResult("changes", isEqual);
      if (isEqual) return;
    }
    this.#last.set([event]);
    context.emit(event);
  }
}
