/** noOutput: takes the results of an operator that has none, such as a sink, or whose results do not matter. */

import type { Output } from "../operator.ts";

export const noOutput: Output = {
  begin: () => undefined,
  emit: () => undefined,
  emitTo: () => undefined,
  expectAll: () => undefined,
  emitAll: () => undefined,
  isTaken: () => true,
  countUntaken: () => undefined,
  advance: () => undefined,
};
