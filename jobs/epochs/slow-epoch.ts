/** warnOfSlowEpoch: says which cells hold up an epoch, so that a checkpoint that does not come is no riddle. */

import type { Address, Logger } from "../../runtime/index.ts";
import { epochSlowMs } from "../limits.ts";

/** Cells named in one warning; further ones are counted. */
const namedCellsMax = 10;

/** @param cells those that have not acknowledged the epoch */
export function warnOfSlowEpoch(logger: Logger, epoch: number, cells: readonly { readonly address: Address }[]): void {
  const named = cells.slice(0, namedCellsMax).map(({ address }) => address.path);
  const further = cells.length > named.length ? ` and ${cells.length - named.length} more` : "";
  logger.log(
    "warn",
    `epoch ${epoch} is not complete after ${epochSlowMs} ms: it waits for ${named.join(", ")}${further}`,
    {
      epoch,
      cells: named,
    },
  );
}
