/**
 * ThreadProtocol: what main and a worker thread say to each other on the thread's control port. Messages are plain data
 * and ports, cloned by the platform; they are few, so that clarity counts, not speed.
 */

import type { MessagePort } from "node:worker_threads";
import type { WireError } from "../errors/wire-error.ts";
import type { HostSettings } from "../host/host.ts";
import type { LogLevel } from "../seams/logger.ts";
import type { ExternalReading } from "./external-guard.ts";
import type { HeapReading } from "./heap-guard.ts";
import type { MemoryLimits } from "./memory-limits.ts";

/** What the pool gives to the thread's task. */
export interface ThreadTask extends MemoryLimits {
  readonly control: MessagePort;
  readonly progress: Int32Array;
}

/** What the task returns after an orderly stop. Any other return is a death: piscina resolves for `throw null`. */
export const taskStopped = "stopped";

export type ToThread =
  | { readonly kind: "adopt"; readonly settings: HostSettings; readonly links: readonly PortOfPeer[] }
  | ({ readonly kind: "join" } & PortOfPeer)
  | {
      readonly kind: "preload";
      readonly modules: readonly string[];
      readonly rehearsal: string | undefined;
      readonly rehearsalDelayMs: number;
      /** Whether a thread rehearses that has a host, until something lives there. */
      readonly isAhead: boolean;
    }
  | { readonly kind: "stop" };

export type FromThread =
  | { readonly kind: "ready"; readonly threadId: number }
  /** The modules of one `preload` are loaded, and a thread that was to rehearse has. */
  | { readonly kind: "prepared" }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>> | undefined;
    }
  | LastWords;

/** What a dying thread says: no cell of it handles anything any more. The first one counts. */
export type LastWords =
  | { readonly kind: "exiting"; readonly exitCode: number }
  | { readonly kind: "failed"; readonly origin: FailureOrigin; readonly error: WireError }
  | { readonly kind: "heap-limit"; readonly reading: HeapReading }
  | { readonly kind: "external-limit"; readonly reading: ExternalReading };

export type FailureOrigin = "uncaught exception" | "unhandled rejection" | "failed stop";

export interface PortOfPeer {
  readonly peer: number;
  readonly incarnation: number;
  readonly port: MessagePort;
}
