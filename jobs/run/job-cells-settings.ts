/** JobCellsSettings: what the cells of a run are made from, and who hears how they are doing. */

import type { LetterBounds } from "../../actors/index.ts";
import type { CellSpec, Host, Metrics } from "../../runtime/index.ts";
import type { EpochSettings } from "../epochs/epoch-options.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import type { ChainStart } from "./chain-cell.ts";
import type { HostedJob } from "./hosted-job.ts";
import type { JobRestartSettings } from "./job-restarts.ts";

export interface JobCellsSettings {
  readonly host: Host;
  readonly hosted: HostedJob;
  readonly creditEvents: number;
  readonly lingerMs: number;
  readonly guarantee: Guarantee;
  readonly epochs: EpochSettings;
  readonly metrics: Metrics;
  /** What the cells start from, and where their checkpoints go; under at-most-once, what sources reserve. */
  readonly store: CheckpointStore;
  /** The directory of the store; undefined when it ends with the process. */
  readonly storage: string | undefined;
  /** How often the job starts over as a whole; not under at-most-once, which has no checkpoint to start over from. */
  readonly jobRestarts: JobRestartSettings;
  /** How many dead letters of an epoch are kept, and what more of them do. */
  readonly letterBounds: LetterBounds;
  /** Events in flight now, and those that were lost with threads or in the processes before; at the most. */
  readonly unfinishedEvents: () => number;
  /** How the cell of a chain instance is made. */
  readonly specOf: (start: ChainStart, host: number) => CellSpec;
}

export interface JobCellsHooks {
  onBegun(): void;
  /** Cells that were lost with a thread are there again, and a checkpoint behind that is complete, where there are any. */
  onRecovered(): void;
  onEnded(): void;
  onFailed(error: Error): void;
}
