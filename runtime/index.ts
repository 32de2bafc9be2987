/** The door of the runtime room: a generic actor system. It knows no event, barrier, window or job. */

export type { ActorContext, SpawnOptions } from "./actor/actor-context.ts";
export {
  type ActorDefinition,
  type ActorHandlers,
  type ActorOptions,
  type ActorSetup,
  defineActor,
  type Receive,
} from "./actor/actor-definition.ts";
export { type ActorRef, type AskOptions, actorRef } from "./actor/actor-ref.ts";
export { ActorModuleError } from "./actor/actor-spec.ts";
export { type Address, checkName, childPath, rootPath } from "./address.ts";
export { assert, InvariantError } from "./assert.ts";
export { canMakeCode } from "./can-make-code.ts";
export type {
  CellContext,
  CellHostServices,
  CellLogic,
  CellSpec,
  ModuleCellFactory,
  SenderInfo,
  Shared,
  StopReason,
  TurnResult,
} from "./cells/cell-logic.ts";
export { UnhandledMessageError } from "./cells/delivery-error.ts";
export { Ring } from "./cells/ring.ts";
export { settledWithin } from "./cells/settled-within.ts";
export { type Columns, decodeBatch, encodeBatch, encodeRows } from "./codec/batch-codec.ts";
export { decode, decodeCopy, encode, encodeValues, encodeView } from "./codec/codec.ts";
export { RowColumns } from "./codec/columns/row-columns.ts";
export { FrameCorruptError, FrameTooLargeError } from "./codec/frame-error.ts";
export { assertPlainData, NotPlainDataError } from "./codec/plain-data.ts";
export { EncodedValues, type PlainPieces } from "./codec/plain-packer.ts";
export { PlainCursor } from "./codec/plain-unpacker.ts";
export { type Duration, durationMs } from "./duration.ts";
export { type ErrorClass, type ErrorMatch, errorMatches } from "./errors/error-match.ts";
export { MillraceError } from "./errors/millrace-error.ts";
export { OptionError, printValue, reasonOf, wholeNumber } from "./errors/option-error.ts";
export { checkNames, type OptionNames } from "./errors/option-names.ts";
export { fromWire, RemoteError, toWire, type WireError } from "./errors/wire-error.ts";
export { FileLock } from "./file-lock.ts";
export { AskTimeoutError, TooManyAsksError } from "./host/ask-table.ts";
export { Host, type HostSeams, type HostSettings } from "./host/host.ts";
export { hostCountMax, messageRetriesDefault } from "./limits.ts";
export { moduleBeside } from "./module-beside.ts";
export {
  type ChildListener,
  type ChildProcess,
  NodeProcessLauncher,
  type ProcessEnd,
  type ProcessLauncher,
} from "./processes/child-process.ts";
export { NodeParentProcess, type ParentProcess, startedFor } from "./processes/parent-process.ts";
export { type CancelTimer, type Clock, SystemClock } from "./seams/clock.ts";
export { type SeamOverrides, seams, systemSeams } from "./seams/composition.ts";
export { areFaultPointsSet, faultPoint } from "./seams/fault-points.ts";
export { type Logger, type LogLevel, StderrLogger } from "./seams/logger.ts";
export {
  type Counter,
  type Gauge,
  type MetricLabels,
  MetricRegistry,
  type MetricSample,
  type Metrics,
} from "./seams/metrics.ts";
/** @internal Not in the declarations of the package. */
export { type Mutant, mutantNames, mutated, withMutant } from "./seams/mutants.ts";
export { type Random, SystemRandom } from "./seams/random.ts";
export { type ServiceBinding, ServiceContainer } from "./seams/service-container.ts";
export { ServiceError } from "./seams/service-error.ts";
export {
  type ServiceRegistration,
  type ServiceScope,
  type Services,
  type ServiceToken,
  serviceToken,
} from "./seams/services.ts";
export type { Port, Transport } from "./seams/transport.ts";
export { VirtualClock, virtualWallStartMs } from "./seams/virtual-clock.ts";
export { History } from "./simulation/history.ts";
export { SeededRandom } from "./simulation/seeded-random.ts";
export { type CreateHost, SimulatedDeathError, SimulatedThread } from "./simulation/simulated-thread.ts";
export { SimulatedThreads } from "./simulation/simulated-threads.ts";
export { SimulatedTransport } from "./simulation/simulated-transport.ts";
export { SimulatedWorld } from "./simulation/simulated-world.ts";
export type { VirtualThread } from "./simulation/virtual-thread.ts";
export { Backoff, type BackoffSettings } from "./supervision/backoff.ts";
export { Decider, type SupervisionRule, type Verdict } from "./supervision/decider.ts";
export type { Directive, FailedMessageFate, Failure } from "./supervision/directive.ts";
export { EscalatedError } from "./supervision/escalated-error.ts";
export { RestartBudget } from "./supervision/restart-budget.ts";
export {
  checkSupervisionNames,
  type SupervisionOptions,
  type SupervisionPolicy,
  type SupervisionStrategy,
  supervisionOptionNames,
  supervisionPolicy,
} from "./supervision/supervision-policy.ts";
export { type ChildSettings, Supervisor, type SupervisorHooks } from "./supervision/supervisor.ts";
export { type ChildPhase, type Decision, type RestartingChild, SupervisorCore } from "./supervision/supervisor-core.ts";
export {
  ActorSystem,
  type ActorSystemOptions,
  SystemStoppedError,
  type TopLevelSpawnOptions,
} from "./system/actor-system.ts";
export { DeadLetterBatch, type DeadLetterPost } from "./system/dead-letter-batch.ts";
export type { DeadLetter, Fact, FactKind } from "./system/fact.ts";
export type { FactOf, Unsubscribe } from "./system/fact-bus.ts";
export type { HostStatus } from "./threads/host-group.ts";
export { pathMark, tellNoParts, tellParts } from "./threads/in-hand.ts";
export { MessagePortTransport } from "./threads/message-port-transport.ts";
export { progressField, progressLength } from "./threads/progress-field.ts";
export {
  Aside,
  type ServiceFactory,
  type ServiceModule,
  ServiceThread,
  ServiceThreadError,
} from "./threads/service-thread.ts";
export type { Rehearsal } from "./threads/thread-pool.ts";
export { countWork, unfinishedWork } from "./threads/unfinished-work.ts";
export { Watchdog } from "./threads/watchdog.ts";
