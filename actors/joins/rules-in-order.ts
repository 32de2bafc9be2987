/**
 * rulesInOrder: passes rules on, in one instance, to all instances of the operator that holds them: so all get them in the same order,
 * wherever the rules come from.
 *
 * It says that it is idle: rules have no part in how far event time has come for the events that meet them.
 */

import type { Batch } from "../batch.ts";
import type { OperatorContext, OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { firstWatermark, lastWatermark, type Watermark } from "../time/watermark.ts";

export function rulesInOrder(): OperatorSpec {
  return { kind: "rules", outputs: ["main"], create: () => new RulesInOrder() };
}

class RulesInOrder implements OperatorLogic {
  open(context: OperatorContext): void {
    context.wake();
  }

  onWake(output: Output): void {
    output.advance(firstWatermark.time, true);
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): void {
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      output.emit(values[index]);
    }
  }

  onWatermark({ time }: Watermark, output: Output): void {
    if (time === lastWatermark.time) output.advance(time, false);
  }
}
