/** warnOfUnreplayable: a guarantee holds for sources that can be read again; of others it says less than its name. */

import type { SourceSpec } from "../../actors/index.ts";
import type { Logger } from "../../runtime/index.ts";
import type { JobGraph } from "../job-graph.ts";
import type { Guarantee } from "./guarantee.ts";

/** Warns of each source whose events are lost when it starts over, or come twice, where the guarantee says that none does. */
export function warnOfUnreplayable(logger: Logger, graph: JobGraph, guarantee: Guarantee): void {
  if (guarantee === "at-most-once") return;
  for (const node of graph.nodes) {
    if (node.kind !== "source") continue;
    const { replayable, acknowledging = false } = node.spec as SourceSpec<unknown>;
    if (replayable || (acknowledging && guarantee === "at-least-once")) continue;
    if (acknowledging) {
      logger.log(
        "warn",
        `source ${JSON.stringify(node.name)} (${node.label}) is delivered again what it has not acknowledged: under ${guarantee}, ` +
          "events come twice when the process dies between a checkpoint and its acknowledgement, unless its readers leave them out",
        { job: graph.name, source: node.name, guarantee },
      );
      continue;
    }
    logger.log(
      "warn",
      `source ${JSON.stringify(node.name)} (${node.label}) cannot be read again: under ${guarantee}, what it has emitted ` +
        "since the last checkpoint is lost when it starts over",
      { job: graph.name, source: node.name, guarantee },
    );
  }
}
