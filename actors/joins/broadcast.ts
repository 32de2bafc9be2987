/**
 * broadcast: an operator of a job author's own that holds rules which change while it runs: those of its second input, which every
 * instance is given. It is a `process` with one input more; the rules are part of its state, a copy per instance.
 *
 * Invariant
 *  B1  all instances that have been given the same rules hold the same ones: nothing but `onRule` changes them, which is told
 *      nothing but the rule and what there is.
 *
 * Not here: in which order rules are given to instances (rules-in-order.ts).
 */

import { OptionError } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import {
  lateOutputName,
  type OperatorContext,
  type OperatorLogic,
  type OperatorSpec,
  type Output,
} from "../operator.ts";
import { checkPlainFunction, checkPlainResult } from "../operators/plain-function.ts";
import { isClass, ProcessError, type ProcessOperator, process } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { wrappedLogic } from "../operators/wrapped-logic.ts";
import type { Pieces } from "../pieces.ts";
import type { Timer } from "../time/timer-table.ts";
import { RuleBook, type Rules } from "./rule-book.ts";

/** What a job author writes: a `ProcessOperator` whose methods are given the rules, too. */
export interface BroadcastOperator<A = unknown, R = unknown, B = unknown> {
  open?(context: ProcessContext<B>): void | Promise<void>;
  /**
   * A rule has come: changes the rules that events behind it meet, by nothing but what it is given. When it throws, what it has
   * changed before stays, and the rule has failed as events do.
   */
  onRule(rule: R, rules: Rules<R>): void;
  onEvent(event: A, context: ProcessContext<B>, rules: ReadonlyMap<Key, R>): void;
  onTimer?(timer: Timer, context: ProcessContext<B>, rules: ReadonlyMap<Key, R>): void;
  onWatermark?(watermark: number, context: ProcessContext<B>, rules: ReadonlyMap<Key, R>): void;
  onMessage?(message: unknown, context: ProcessContext<B>, rules: ReadonlyMap<Key, R>): unknown;
  onEnd?(context: ProcessContext<B>, rules: ReadonlyMap<Key, R>): void | Pieces;
  close?(): void | Promise<void>;
}

export type BroadcastMaker<A, R, B> = (new () => BroadcastOperator<A, R, B>) | (() => BroadcastOperator<A, R, B>);

/**
 * Runs an operator of your own over its first input, with the rules of its second. Its instances fail as those of `process`.
 *
 * @param keyed whether its first input has keys, so that its state is one per key
 * @throws ERR_RT_OPTION for what is neither class nor function, ERR_ACT_ASYNC_FUNCTION
 */
export function broadcast<A, R, B>(maker: BroadcastMaker<A, R, B>, keyed: boolean): OperatorSpec {
  if (typeof maker !== "function") {
    throw new OptionError("withBroadcast", maker, "a class or a function that returns an operator");
  }
  if (!isClass(maker)) checkPlainFunction("withBroadcast", maker);
  const outputs = ["main", lateOutputName];
  return {
    kind: "broadcast",
    outputs,
    takesMessages: true,
    create: () => broadcastLogic(maker as BroadcastMaker<unknown, unknown, unknown>, keyed),
  };
}

type Operator = BroadcastOperator<unknown, unknown, unknown>;

function broadcastLogic(maker: BroadcastMaker<unknown, unknown, unknown>, keyed: boolean): OperatorLogic {
  let rules!: RuleBook<unknown>;
  let operator!: Operator;
  const make = (): ProcessOperator => {
    operator = isClass(maker) ? new maker() : (maker as () => Operator)();
    checkOperator(operator);
    return withRules(operator, () => rules);
  };
  const logic = process(make, { keyed, outputs: [lateOutputName] }).create();
  return wrappedLogic(logic, {
    open(context: OperatorContext) {
      rules = new RuleBook(context.operator);
      return logic.open?.(context);
    },
    onBatch(batch: Batch, from: number, to: number, output: Output) {
      if (batch.input !== 1) return logic.onBatch(batch, from, to, output);
      for (let index = from; index < to; index += 1) {
        output.begin(index);
        rules.during(() => checkPlainResult("withBroadcast: onRule", operator.onRule(batch.values[index], rules)));
      }
    },
    snapshot: (epoch: number) => [...(logic.snapshot?.(epoch) ?? []), ...rules.snapshot()],
    restore: (state: readonly StateGroup[], epoch: number) => logic.restore?.(rules.restore(state), epoch),
  });
}

/** The operator as `process` runs it: with the methods that it has. */
function withRules(operator: Operator, rules: () => ReadonlyMap<Key, unknown>): ProcessOperator {
  const { open, onTimer, onWatermark, onMessage, onEnd, close } = operator;
  return {
    onEvent: (event, context) => operator.onEvent(event, context, rules()),
    ...(open && { open: (context) => open.call(operator, context) }),
    ...(onTimer && { onTimer: (timer, context) => onTimer.call(operator, timer, context, rules()) }),
    ...(onWatermark && { onWatermark: (time, context) => onWatermark.call(operator, time, context, rules()) }),
    ...(onMessage && { onMessage: (message, context) => onMessage.call(operator, message, context, rules()) }),
    ...(onEnd && { onEnd: (context) => onEnd.call(operator, context, rules()) }),
    ...(close && { close: () => close.call(operator) }),
  };
}

function checkOperator(operator: unknown): void {
  for (const method of ["onEvent", "onRule"]) {
    const found = typeof operator === "object" && operator !== null ? Reflect.get(operator, method) : undefined;
    if (typeof found !== "function") throw new ProcessError(`withBroadcast: the operator has no method ${method}`);
    checkPlainFunction(`withBroadcast: ${method}`, found);
  }
}
