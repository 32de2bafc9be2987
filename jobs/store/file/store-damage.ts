/** StoreDamage: the error of a file that is not what was written. What can be done about it is said by damage-advice.ts. */

import { StorageDamagedError } from "../storage-error.ts";

export function damagedFile(path: string, what: string, cause?: unknown): StorageDamagedError {
  return new StorageDamagedError(`${path} is damaged: ${what}`, { cause, details: { path, what } });
}
