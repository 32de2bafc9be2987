/** JoinLogic: what joins of two streams share: what can be said about them, and how the events of both sides reach them. */

import { wholeNumber } from "../../runtime/index.ts";
import type { Batch, Key } from "../batch.ts";
import { joinRowsPerKeyMax, joinRowsPerKeyMaxDefault } from "../limits.ts";
import type { OperatorContext, OperatorLogic, Output } from "../operator.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { keysAhead } from "../state/packed/keys-ahead.ts";
import { EventTimeError } from "../time/event-time.ts";
import { checkJoinType, type JoinSide, type JoinType } from "./join-type.ts";

export interface JoinOptions {
  /** Default "inner". */
  readonly type?: JoinType;
  /** Events of one key that are kept on one side; one more is given up with ERR_ACT_JOIN_ROWS. Default `joinRowsPerKeyMaxDefault`. */
  readonly rowsPerKeyMax?: number;
}

export interface JoinSettings {
  readonly type: JoinType;
  readonly join: (left: unknown, right: unknown) => unknown;
  readonly rowsMax: number;
}

/**
 * @param what the kind of the join, for errors
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function checkJoin<L, R, B>(
  what: string,
  join: (left: L | undefined, right: R | undefined) => B,
  { type = "inner", rowsPerKeyMax = joinRowsPerKeyMaxDefault }: JoinOptions,
): JoinSettings {
  checkJoinType(`${what}: type`, type);
  checkPlainFunction(what, join);
  return {
    type,
    join: join as JoinSettings["join"],
    rowsMax: wholeNumber(`${what}: rowsPerKeyMax`, rowsPerKeyMax, 1, joinRowsPerKeyMax),
  };
}

/** The number of the output "late". */
export const lateOutput = 1;

export abstract class JoinLogic implements OperatorLogic {
  protected context!: OperatorContext;

  open(context: OperatorContext): void {
    this.context = context;
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const side: JoinSide = batch.input === 1 ? 1 : 0;
    const watermark = this.context.watermark();
    const { keys } = batch;
    for (let index = from; index < to; index += 1) {
      if (keys !== undefined && (index - from) % keysAhead === 0) this.expect(keys, from, index, to);
      output.begin(index);
      const time = batch.times?.[index];
      const value = batch.values[index];
      if (time === undefined) this.context.deadLetter(value, withoutTime(this.context.operator));
      else this.take(side, keys?.[index] as Key, time, value, watermark, output);
    }
  }

  /** As of KeyedState. */
  protected abstract expect(keys: readonly Key[], from: number, index: number, to: number): void;

  /** An event of a side. */
  protected abstract take(
    side: JoinSide,
    key: Key,
    time: number,
    value: unknown,
    watermark: number,
    output: Output,
  ): void;
}

function withoutTime(operator: string): EventTimeError {
  return new EventTimeError(
    `operator ${JSON.stringify(operator)}: an event has no event time; give its stream one by eventTime, directly behind the source`,
    { details: { operator } },
  );
}
