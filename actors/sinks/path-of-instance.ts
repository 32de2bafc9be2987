/** pathOf, pathOfInstance: the file of one instance of a sink. */

import type { OperatorContext } from "../operator.ts";
import { ParallelismError } from "../parallelism-error.ts";

/** Stands in a path for the number of the instance. */
const instanceMark = "{instance}";

/** The path with the number of the instance. Throws ERR_ACT_PARALLELISM when several instances would share it. */
export function pathOfInstance(path: string, context: OperatorContext): string {
  if (context.parallelism > 1 && !path.includes(instanceMark)) {
    throw new ParallelismError(
      context,
      `put ${instanceMark} into the path, so that each instance writes a file of its own`,
    );
  }
  return pathOf(path, context.instance);
}

/** The path with the number of an instance, which need not be there any more. */
export function pathOf(path: string, instance: number): string {
  return path.replaceAll(instanceMark, String(instance));
}
