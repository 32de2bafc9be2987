/** HostSettings: what a host is made with, and whom it reports to. */

import type { CellReport } from "../cells/cell-report.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Random } from "../seams/random.ts";
import type { Fact } from "../system/fact.ts";
import type { WatchQuery } from "./frame.ts";

export interface HostSettings {
  /** 0 is the calling thread, 1 and up are worker threads. */
  readonly host: number;
  readonly system: string;
  /** Raised when the thread behind the number is replaced, from 0. */
  readonly incarnation: number;
  /** Worker hosts of the system, 0 to 256. Absent: not known. */
  readonly workerCount?: number;
}

export interface HostSeams {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** One counter in memory that the watchdog can read. */
  readonly progress: Int32Array;
  /** Told when a module begins to be loaded, and when that has ended: the thread may be blocked in between. */
  readonly onLoading?: (modules: 1 | -1) => void;
  /** Called after each run of turns; throws to fail the host. */
  readonly checkHealth?: () => void;
}

/** Who decides about failed cells; registered under the path that stands in their reports. */
export interface ReportReceiver {
  onReport(report: CellReport): void;
}

/** What host 0 does for all: the directory and the bus of facts. */
export interface HostRoot {
  onFact(fact: Fact): void;
  onWatch(query: WatchQuery): void;
}
