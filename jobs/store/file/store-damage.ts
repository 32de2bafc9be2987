/** StoreDamage: the error of a file that is not what was written. */

import { StorageDamagedError } from "../storage-error.ts";

export function damagedFile(path: string, what: string, cause?: unknown): StorageDamagedError {
  return new StorageDamagedError(
    `${path} is damaged: ${what}. Put a copy of it back, or delete it to start from the beginning; ` +
      "older checkpoints to fall back on are not kept yet",
    { cause, details: { path, what } },
  );
}
