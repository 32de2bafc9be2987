/** The door of the actors room for test kits: harnesses for operators, sinks and sources. */

export type { HarnessResult } from "./harness-output.ts";
export { noOutput } from "./no-output.ts";
export {
  type HarnessEvent,
  type HarnessRun,
  OperatorHarness,
  type OperatorHarnessOptions,
  operatorHarnessNames,
} from "./operator-harness.ts";
export { SourceHarness, type SourceHarnessOptions } from "./source-harness.ts";
export type { HarnessDeadLetter, TestContextOptions } from "./test-context.ts";
