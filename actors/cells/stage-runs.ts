/** Which operators of a chain are at work in one loop (stage-run.ts). */

import type { OperatorStage } from "./operator-stage.ts";
import { givesTimes, StageRun } from "./stage-run.ts";

/**
 * The runs of a chain that take batches, by their first operators. What gives events their times is in none but with what tells them apart: of
 * events that lie in memory already a short loop that looks at each first, and a longer one behind it, is the faster form
 * (docs/decisions/0073, 0087).
 *
 * @param ends of each operator whether its results go anywhere else than to the next one
 */
export function stageRuns(stages: readonly OperatorStage[], ends: readonly boolean[]): (StageRun | undefined)[] {
  const runs: (StageRun | undefined)[] = stages.map(() => undefined);
  for (let first = 0, last = 0; first < stages.length; first = last + 1) {
    const can = (index: number) => canRun(stages[index]) && !givesTimes(stages[index]!);
    last = first;
    if (canSort(stages[first], stages[first + 1]) && !ends[first]) last += 1;
    else if (!can(first)) continue;
    else while (!ends[last] && can(last + 1)) last += 1;
    runs[first] = new StageRun(stages.slice(first, last + 1), last);
  }
  return runs;
}

/** The run that takes the events of a source as they are emitted; undefined where the first operator takes batches only. */
export function passedRun(stages: readonly OperatorStage[], ends: readonly boolean[]): StageRun | undefined {
  let timed = 0;
  let last = -1;
  while (canRun(stages[last + 1])) {
    if (givesTimes(stages[last + 1]!)) timed += 1;
    if (timed > 1) break;
    last += 1;
    if (ends[last]) break;
  }
  return last < 0 ? undefined : new StageRun(stages.slice(0, last + 1), last);
}

function canRun(stage: OperatorStage | undefined): boolean {
  if (stage === undefined) return false;
  const { logic, spec } = stage;
  return logic.eachEvent !== undefined && !sorts(stage) && spec.spec.isEarly === undefined;
}

/** Whether the first gives events their times, and the second tells them apart. */
function canSort(first: OperatorStage | undefined, second: OperatorStage | undefined): boolean {
  return canRun(first) && givesTimes(first!) && second !== undefined && sorts(second);
}

function sorts({ spec }: OperatorStage): boolean {
  return spec.spec.kind === "split";
}
