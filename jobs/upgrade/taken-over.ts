/**
 * TakenOver: the checkpoint that a run starts from, as the cells of its plan take it. There is one way for a job that is the
 * same and for one that has changed: what is stored is compared with the graph, refused or moved.
 */

import { decode } from "../../runtime/index.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import type { StandingRecord } from "../store/file/standings-part.ts";
import type { DeltaRecord } from "../store/file/state-part.ts";
import type { StoreManifest } from "../store/file/store-manifest.ts";
import { StorageGraphError } from "../store/storage-error.ts";
import { adoptedCheckpoint } from "./adopted-checkpoint.ts";
import { compareJobs, type OperatorChange } from "./job-comparison.ts";
import { type StoredStanding, storedOperators } from "./stored-operators.ts";
import { changesText, isUnchanged } from "./upgrade-report.ts";

export interface StoredParts {
  readonly manifest: StoreManifest;
  readonly epoch: number;
  readonly standings: readonly StandingRecord[];
  /** Undefined where it stays in the file as it is. */
  readonly state: readonly DeltaRecord[] | undefined;
}

export interface TakenOver {
  /** What each cell starts from. */
  readonly cells: ReturnType<typeof adoptedCheckpoint>;
  readonly changes: readonly OperatorChange[];
}

/**
 * @param place of the checkpoint, for the error
 * @throws ERR_JOB_STORAGE_GRAPH with a line per operator that has changed
 */
export function takenOver(
  stored: StoredParts,
  graph: JobGraph,
  plan: JobPlan,
  allowDropped: readonly string[],
  place: string,
): TakenOver {
  const { manifest, epoch, standings, state = [] } = stored;
  const operators = storedOperators(
    manifest.operators,
    standings.map(({ bytes, ...piece }) => ({ ...piece, content: decode(bytes) as StoredStanding })),
    state.map(({ bytes, ...piece }) => ({ ...piece, content: bytes })),
  );
  const changes = compareJobs(operators, graph, allowDropped);
  if (changes.some(({ refusal }) => refusal !== undefined)) {
    const known = changes.flatMap(({ operator, storedAs = operator }) => [operator, storedAs]);
    const unknown = allowDropped.filter((name) => !known.includes(name));
    throw refused(graph.name, epoch, place, changes, unknown);
  }
  return {
    cells: adoptedCheckpoint(operators, changes, graph, plan),
    changes: changes.filter((change) => !isUnchanged(change)),
  };
}

/** @param unknown names of which nothing is stored, and that the job does not have, but that may be dropped */
function refused(
  job: string,
  epoch: number,
  place: string,
  changes: readonly OperatorChange[],
  unknown: readonly string[],
): StorageGraphError {
  const dropped = changes.filter(({ refusal, becomes }) => refusal !== undefined && becomes === "dropped");
  const names = dropped.map(({ operator }) => operator);
  const advice =
    names.length === 0
      ? ""
      : `\nTo go on without it: allowDropped: ${JSON.stringify(names)} (${names.map((name) => `--allow-dropped ${name}`).join(" ")}). ` +
        "An operator with another name says which it had: renamedFrom.";
  const misnamed =
    unknown.length === 0
      ? ""
      : `\nallowDropped names ${unknown.map((name) => JSON.stringify(name)).join(", ")}: neither stored nor in the job.`;
  return new StorageGraphError(
    `job ${JSON.stringify(job)} cannot go on from the checkpoint of epoch ${epoch} in ${place}; nothing was changed:\n` +
      `${changesText(changes)}${advice}${misnamed}`,
    {
      details: {
        path: place,
        job,
        epoch,
        refused: changes.flatMap(({ operator, refusal }) => (refusal === undefined ? [] : [{ operator, refusal }])),
      },
    },
  );
}
