/** EpochTimeoutError: several epochs in a row were given up, because nothing that they waited for moved. */

import { MillraceError } from "../../runtime/index.ts";

/** No checkpoint can be made: what it waits for does not move. */
export class EpochTimeoutError extends MillraceError {
  readonly code = "ERR_JOB_EPOCH_TIMEOUT";

  /** @param waits what it waits for, in words */
  constructor(epoch: number, inRow: number, quietMs: number, waits: readonly string[]) {
    const before = inRow === 1 ? "" : `, as ${inRow - 1} before it`;
    super(
      `epoch ${epoch} is given up${before}: nothing that it waits for has moved for ${Math.round(quietMs)} ms: ` +
        `${waits.length === 0 ? "no operator stands out" : waits.join("; ")}`,
      { details: { epoch, inRow, quietMs, waits } },
    );
  }
}
