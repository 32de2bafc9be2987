/**
 * The door `millrace/testing`: runs one operator, sink or source of your own in virtual time, without threads and without
 * a job; or a whole job on virtual threads, under faults (`simulate`). It needs no test runner of a certain kind.
 *
 *   const harness = await OperatorHarness.openProcess(MyOperator);
 *   harness.feedValues([1, 2, 3]);
 *   await harness.end();
 *   assert.deepEqual(harness.values(), [6]);
 *
 * A whole job runs in virtual time on a system without worker threads: `ActorSystem.start({ clock: new TestClock() })`.
 */

export { EventMutatedError } from "../../actors/index.ts";
export {
  type HarnessDeadLetter,
  type HarnessEvent,
  type HarnessResult,
  type HarnessRun,
  OperatorHarness,
  type OperatorHarnessOptions,
  SourceHarness,
  type SourceHarnessOptions,
} from "../../actors/testing/index.ts";
export { type Clock, type Random, SimulatedDeathError, VirtualClock as TestClock } from "../../runtime/index.ts";
export { FaultNotRealError } from "../faults/real-fault-error.ts";
export { type RealRun, type RunWithFaultsOptions, runWithFaults } from "../faults/run-with-faults.ts";
export { type ChaosKind, chaosKinds } from "../simulation/chaos.ts";
export { type CompareOptions, compareOutputs } from "../simulation/compare-outputs.ts";
export {
  CountedFault,
  crash,
  delay,
  EndlessFault,
  exit,
  Fault,
  type FaultAction,
  type FaultTarget,
  type FaultTrigger,
  fail,
  failCommit,
  failStart,
  failWrite,
  HangingFault,
  type HangWay,
  type HostTarget,
  hang,
  host,
  jumpClock,
  killProcess,
  LastingFault,
  type OperatorTarget,
  overflowHeap,
  type PlannedFault,
  type PoisonRule,
  poison,
  slow,
  slowWrite,
  stall,
  strayReject,
  strayThrow,
  ThrowingFault,
} from "../simulation/fault.ts";
export type { StruckFault } from "../simulation/fault-driver.ts";
export {
  type HistoryDifference,
  HistoryFileError,
  type HistoryReplay,
  historyText,
  replayHistory,
  type UnwrittenOptions,
} from "../simulation/history-file.ts";
export type { Invariant, Violation } from "../simulation/invariants/violation.ts";
export { simulate } from "../simulation/simulate.ts";
export { type SeedResult, type SimulateSeedsOptions, simulateSeeds } from "../simulation/simulate-seeds.ts";
export type { SimulatedLogLine, SimulateOptions, Simulation, SimulationSoFar } from "../simulation/simulation.ts";
export type { TestSource } from "../simulation/test-source.ts";
export { InjectedError, type ThrownKind } from "../simulation/thrown-value.ts";
export { type CheckOperatorsOptions, checkOperators, type OperatorFinding } from "./check-operators.ts";
export { type ControlledSimulation, type StartSimulationOptions, startSimulation } from "./controlled-simulation.ts";
export { type JobOperatorOptions, operatorHarness } from "./job-operator.ts";
export type { Told } from "./operator-trial.ts";
export { ProbeError } from "./probe-error.ts";
export type { SinkProbe, WaitOptions } from "./sink-probe.ts";
