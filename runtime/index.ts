/** The door of the runtime room: a generic actor system. It knows no event, barrier, window or job. */

export { assert, InvariantError } from "./assert.ts";
export { type Duration, durationMs } from "./duration.ts";
export { MillraceError } from "./errors/millrace-error.ts";
export { OptionError, printValue, wholeNumber } from "./errors/option-error.ts";
export { type CancelTimer, type Clock, SystemClock } from "./seams/clock.ts";
export { type Logger, type LogLevel, StderrLogger } from "./seams/logger.ts";
export { type Random, SystemRandom } from "./seams/random.ts";
export type { Port, Transport } from "./seams/transport.ts";
export { VirtualClock } from "./seams/virtual-clock.ts";
export { hostCountMax } from "./limits.ts";
export { type Address, checkName, childPath, rootPath } from "./address.ts";
export type { CellContext, CellLogic, SenderInfo, StopReason, TurnResult } from "./cells/cell-logic.ts";
export {
  type ServiceRegistration,
  type ServiceScope,
  type Services,
  type ServiceToken,
  serviceToken,
} from "./seams/services.ts";
