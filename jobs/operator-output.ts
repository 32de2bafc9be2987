/** outputOf: what an operator that was added to a graph puts out on one of its outputs. */

import type { OperatorSpec } from "../actors/index.ts";
import type { GraphAssembly, Input, Origin } from "./graph-assembly.ts";

/** @param origins as the assembly returned them; nothing comes from an output that the operator does not have */
export function outputOf(
  assembly: GraphAssembly,
  { outputs }: OperatorSpec,
  origins: readonly Origin[],
  name: string,
): Input {
  return { assembly, origins: origins.filter((_, index) => outputs[index] === name) };
}
