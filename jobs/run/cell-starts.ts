/**
 * CellStarts: what each cell of a run starts from, the first time and whenever it starts over.
 *
 * Invariants
 *  J3  under at-most-once a replayable source goes on behind the newest position it reserved.
 *  J4  a cell that has ended stays ended: on a new thread it only tells the end again.
 *  J6  no two incarnations start under the same attempt of a channel.
 */

import type { CellSpec } from "../../runtime/index.ts";
import { retentionLimits } from "../epochs/epoch-options.ts";
import type { ChainStart } from "./chain-cell.ts";
import type { ChannelAttempts } from "./channel-attempts.ts";
import type { ChannelKeeping } from "./channel-keeping.ts";
import type { JobCell } from "./job-cell.ts";
import type { JobCellsSettings } from "./job-cells-settings.ts";
import type { JobLetters } from "./job-letters.ts";
import type { Reservations } from "./reservations.ts";

export class CellStarts {
  readonly #settings: JobCellsSettings;
  readonly #cells: readonly JobCell[];
  readonly #attempts: ChannelAttempts;
  readonly #keeping: ChannelKeeping;
  readonly #letters: JobLetters;
  readonly #reservations: Reservations;
  readonly #fail: (error: Error) => void;

  /** @param fail called when what a cell starts from cannot be read any more */
  constructor(
    settings: JobCellsSettings,
    cells: readonly JobCell[],
    attempts: ChannelAttempts,
    keeping: ChannelKeeping,
    letters: JobLetters,
    reservations: Reservations,
    fail: (error: Error) => void,
  ) {
    this.#settings = settings;
    this.#cells = cells;
    this.#attempts = attempts;
    this.#keeping = keeping;
    this.#letters = letters;
    this.#reservations = reservations;
    this.#fail = fail;
  }

  specOf(cell: JobCell): CellSpec {
    // J6: the attempts that were raised for it are used up, also when it cannot be opened.
    cell.restartsWithAll = false;
    const restore = this.#letters.restoreOf(cell.key, this.#fail);
    const start: ChainStart = {
      chain: cell.chain.id,
      instance: cell.instance,
      attempts: this.#attempts.ofInputs(cell.chain.id, cell.instance),
      standing:
        restore === undefined ? this.#reservations.standingOf(cell.key) : { position: restore.position, skipCount: 0 },
      storage: this.#settings.storage,
      goesOn: this.#settings.storage !== undefined && this.#settings.store.epoch > 0,
      ended: cell.ended,
      ...this.#letters.startOf(cell),
      creditEvents: this.#settings.creditEvents,
      lingerMs: this.#settings.lingerMs,
      guarantee: this.#settings.guarantee,
      restore,
      outputAttempts: this.#attempts.ofOutputs(cell.chain.id, cell.instance),
      unkept: this.#keeping.unkeptOf(cell.key),
      failures: [...cell.failures.values()],
      retention: retentionLimits(this.#settings.epochs, this.#cells.length),
    };
    return this.#settings.specOf(start, cell.address.host);
  }
}
