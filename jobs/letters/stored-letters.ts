/**
 * StoredLetters: the dead letters in the file of a job, as others than its run see them: people on the command line, and code
 * that runs no job. They read them, and note what they wish to become of them; the run takes note with its next checkpoint,
 * or when it is started the next time.
 */

import { DatabaseSync } from "node:sqlite";
import type { EventDeadLetter } from "../../actors/index.ts";
import { decode } from "../../runtime/index.ts";
import { type Wish, writeWishes } from "../store/file/letters-part.ts";
import type { StoredCheckpoint } from "../store/file/read-store-file.ts";
import { busyMs } from "../store/file/store-file.ts";
import { checkResubmittable } from "./dead-letter-error.ts";

export interface StoredLetter {
  readonly letter: EventDeadLetter;
  /** What was wished to become of it, and has not yet. */
  readonly wish: Wish | undefined;
}

/** The letters of a checkpoint, oldest first. */
export function storedLetters({ contents, wishes }: StoredCheckpoint): readonly StoredLetter[] {
  const wishById = new Map(wishes.map(({ id, wish }) => [id, wish]));
  return contents.letters.records.map(({ bytes }) => {
    const letter = decode(bytes) as EventDeadLetter;
    return { letter, wish: wishById.get(letter.id) };
  });
}

/**
 * Notes what is wished to become of letters; a later wish takes the place of an earlier one. A job that runs goes by it with
 * its next checkpoint, another one when it is started.
 *
 * @param path the file of the job, which was verified
 * @throws ERR_JOB_DEAD_LETTER, nothing being noted, for a letter that is to be resubmitted and holds no event
 */
export function wishFor(path: string, letters: readonly EventDeadLetter[], wish: Wish): void {
  const byId = new Map(letters.map((letter) => [letter.id, letter]));
  const ids = [...byId.keys()];
  if (wish === "resubmit") checkResubmittable(ids, (id) => byId.get(id));
  const database = new DatabaseSync(path, { timeout: busyMs });
  try {
    writeWishes(
      database,
      ids.map((id) => ({ id, wish })),
    );
  } finally {
    database.close();
  }
}
