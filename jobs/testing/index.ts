/**
 * The door `millrace/testing`: runs one operator, sink or source of your own in virtual time, without threads and without
 * a job. It needs no test runner of a certain kind.
 *
 *   const harness = await OperatorHarness.openProcess(MyOperator);
 *   harness.feedValues([1, 2, 3]);
 *   await harness.end();
 *   assert.deepEqual(harness.values(), [6]);
 *
 * A whole job runs in virtual time on a system without worker threads: `ActorSystem.start({ clock: new VirtualClock() })`.
 */

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
export { type Clock, type Random, VirtualClock } from "../../runtime/index.ts";
