/** FaultyCell: makes the cells of a job on a worker thread as chain-cell.ts does, with the faults of a plan in them. */

import type { CellContext, CellLogic } from "../../runtime/index.ts";
import { loadJob } from "../load-job.ts";
import { type ChainModuleArgs, loadedChainCell } from "../run/chain-cell.ts";
import { faultyLogic } from "../simulation/faulty-logic.ts";
import { toldToThread } from "./fault-setting.ts";
import { ThreadFaults } from "./thread-faults.ts";

export interface FaultyCellArgs {
  /** Names the plan: threads have been told of it when they were started. */
  readonly faults: string;
}

/** Those of this thread. */
const known = new Map<string, ThreadFaults>();

/** Called on a worker thread. Rejects with ERR_JOB_* when the job cannot be loaded or differs from that of main. */
export async function createChainCell(
  context: CellContext,
  args: unknown,
  attachments: readonly Uint8Array[],
): Promise<CellLogic> {
  const { faults, ...chain } = args as FaultyCellArgs & ChainModuleArgs;
  const definition = await loadJob(chain.moduleUrl, { name: chain.job });
  const thread = known.get(faults) ?? new ThreadFaults(toldToThread(faults), context.host.host, context.clock);
  known.set(faults, thread);
  return loadedChainCell(context, chain, attachments, definition, ({ name, spec }) => {
    const instanceFaults = () => thread.instance(name, chain.start.instance);
    return {
      kind: spec.kind,
      isPoisoned: instanceFaults().arePoisoned,
      create: (guarantee) => faultyLogic(spec.create(guarantee), instanceFaults()),
    };
  });
}
