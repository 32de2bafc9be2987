/** EpochTimeoutError: several epochs in a row were given up, because nothing that they waited for moved. */

import { MillraceError } from "../../runtime/index.ts";

/** No checkpoint can be made: what it waits for does not move. */
export class EpochTimeoutError extends MillraceError {
  readonly code = "ERR_JOB_EPOCH_TIMEOUT";

  /** @param waits what it waits for, in words */
  constructor(epoch: number, inRow: number, timeoutMs: number, waits: readonly string[]) {
    super(
      `epoch ${epoch}, and ${inRow - 1} before it, were given up after nothing that they waited for had moved for ` +
        `${timeoutMs} ms: ${waits.length === 0 ? "no operator stands out" : waits.join("; ")}`,
      { details: { epoch, inRow, timeoutMs, waits } },
    );
  }
}
