/** That a checkpoint is one cut of the streams where they end, too: I4. */

import { cellKey } from "../../run/channel-attempts.ts";
import { type CellStanding, type Checkpoint, standingsOf } from "../../store/checkpoint-store.ts";
import type { NotedEnding, RunRecord } from "./run-record.ts";
import type { Violation } from "./violation.ts";

/** Undefined for a checkpoint in which no input has ended. */
export function endingOf({ epoch, snapshots }: Checkpoint): NotedEnding | undefined {
  const standings = [...standingsOf(snapshots)];
  const inputs = standings.filter(([, { endedInputs }]) => endedInputs.length > 0);
  if (inputs.length === 0) return undefined;
  return {
    epoch,
    cells: new Set(standings.filter(hasEnded).map(([cell]) => cell)),
    inputs: new Map(inputs.map(([cell, { endedInputs }]) => [cell, endedInputs])),
  };
}

/** One that takes dead letters again has ended as far as those behind it are concerned that have no part in that. */
function hasEnded([, { ended, reopenedAt }]: readonly [string, CellStanding]): boolean {
  return ended || reopenedAt !== undefined;
}

/** I4: an input has ended in a checkpoint only when what sends to it has: it would not wait for what is sent again. */
export function inputsEndedEarly({ plan, endings }: Pick<RunRecord, "plan" | "endings">): Violation[] {
  return endings.flatMap(({ epoch, cells, inputs }) =>
    [...inputs].flatMap(([cell, channels]) => {
      const senders = channels.flatMap((id) => {
        const channel = plan.channels[id];
        return channel === undefined ? [] : [cellKey(channel.fromChain, channel.fromInstance)];
      });
      const early = senders.filter((sender) => !cells.has(sender));
      if (early.length === 0) return [];
      const message = `checkpoint ${epoch} has inputs of cell ${cell} as ended, and not the cells that send to them: ${early.join(", ")}`;
      return [{ invariant: "I4", message } as const];
    }),
  );
}
