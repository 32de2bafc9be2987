/** DamageAdvice: the error of a damaged storage, with what there is to go on from and the command that does it. */

import type { GoodCheckpoint } from "./file/fall-back.ts";
import { StorageDamagedError } from "./storage-error.ts";

/**
 * @param epochBefore the newest checkpoint that is known to have been complete; 0 when nothing is known
 * @param good what can be gone on from
 */
export function adviceOn(
  damage: StorageDamagedError,
  directory: string,
  job: string,
  epochBefore: number,
  good: GoodCheckpoint | undefined,
): StorageDamagedError {
  const options = {
    ...(damage.cause === undefined ? {} : { cause: damage.cause }),
    details: { ...damage.details, ...(good === undefined ? {} : { copy: good.path, epoch: good.checkpoint.epoch }) },
  };
  const storage = `--storage ${JSON.stringify(directory)}`;
  if (good === undefined) {
    return new StorageDamagedError(
      `${damage.message}. There is no good copy of it to fall back on. Put one of your own back, or start from the ` +
        `beginning: millrace checkpoints delete ${job} ${storage}`,
      options,
    );
  }
  const { epoch } = good.checkpoint;
  const lost = epochBefore > epoch ? `, ${epochBefore - epoch} epochs before the newest` : "";
  return new StorageDamagedError(
    `${damage.message}. The newest good checkpoint is that of epoch ${epoch}${lost}, in ${good.path}. To go on from it, and ` +
      `have what came after it done again: millrace checkpoints restore ${job} ${epoch} ${storage}\n` +
      'or submit the job with storage: { directory, onDamage: "fall-back" }. Sinks that are not part of the checkpoint ' +
      "then show again what they have shown since",
    options,
  );
}
