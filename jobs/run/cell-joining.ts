/**
 * CellJoining: when the cells of a run begin, all together, and when those that have started over join the others again.
 *
 * Invariants
 *  J1  nothing flows before every cell has started.
 *  J2  a channel is opened anew, under a higher attempt, whenever one of its ends starts over: by its receiver, once the
 *      sender is there. Sooner, the sender that is about to be replaced would take the opening for its own.
 */

import { type StreamSignal, signalKind } from "../../actors/index.ts";
import type { Address } from "../../runtime/index.ts";
import { headAddress } from "./chain-cell.ts";
import { type ChannelAttempts, firstAttempt } from "./channel-attempts.ts";
import type { JobCell } from "./job-cell.ts";
import type { JobCellsSettings } from "./job-cells-settings.ts";
import type { JobEpochs } from "./job-epochs.ts";
import type { JobLetters } from "./job-letters.ts";

export class CellJoining {
  readonly #settings: Pick<JobCellsSettings, "host" | "hosted">;
  readonly #cells: readonly JobCell[];
  readonly #attempts: ChannelAttempts;
  readonly #letters: JobLetters;
  readonly #epochs: JobEpochs | undefined;
  readonly #onBegun: () => void;
  readonly #onRejoined: () => void;
  #begun = false;
  #draining = false;

  /**
   * @param epochs undefined under at-most-once
   * @param onRejoined called whenever all that have started over have joined the others
   */
  constructor(
    settings: Pick<JobCellsSettings, "host" | "hosted">,
    cells: readonly JobCell[],
    attempts: ChannelAttempts,
    letters: JobLetters,
    epochs: JobEpochs | undefined,
    onBegun: () => void,
    onRejoined: () => void,
  ) {
    this.#settings = settings;
    this.#cells = cells;
    this.#attempts = attempts;
    this.#letters = letters;
    this.#epochs = epochs;
    this.#onBegun = onBegun;
    this.#onRejoined = onRejoined;
  }

  /** Whether every cell has started once. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Sources stop reading, also those that start over from now on. */
  drain(): void {
    this.#draining = true;
    for (const cell of this.#cells) this.#signal(cell.address, [signalKind.drain]);
  }

  /** One more cell has started. */
  onStarted(): void {
    if (this.#begun) return this.#rejoinReady();
    if (!this.#cells.every(({ started }) => started)) return;
    this.#begun = true;
    // Before it opens its channels, a receiver hears which of its senders had to be started once more.
    for (const cell of this.#cells) this.#reopen(cell);
    for (const cell of this.#cells) {
      cell.fresh = false;
      this.#signal(cell.address, [signalKind.begin]);
    }
    this.#letters.give();
    this.#epochs?.coordinator.begin();
    this.#onBegun();
  }

  /** Cells that have started over join the others as soon as all that send to them have started (J2). */
  #rejoinReady(): void {
    for (const cell of this.#cells) {
      if (!cell.fresh || !cell.started || !cell.upstream.every(({ started }) => started)) continue;
      cell.fresh = false;
      this.#rejoin(cell);
    }
    this.#letters.give();
    if (this.#cells.every(({ fresh }) => !fresh)) this.#onRejoined();
  }

  /** J2: the new cell opens its inputs; receivers that were not lost with it open their channels from it again. */
  #rejoin(cell: JobCell): void {
    if (this.#draining) this.#signal(cell.address, [signalKind.drain]);
    this.#signal(cell.address, [signalKind.begin]);
    this.#epochs?.rejoin(cell);
    this.#reopen(cell);
  }

  /** J2: receivers open their channels from a cell under the attempt of today, where one of the two has been started once more. */
  #reopen(cell: JobCell): void {
    const { hosted, host } = this.#settings;
    const fromEpoch = this.#epochs?.coordinator.epoch ?? 0;
    for (const { id, fromChain, fromInstance } of hosted.plan.channels) {
      if (fromChain !== cell.chain.id || fromInstance !== cell.instance) continue;
      const receiver = headAddress(hosted, host.system, id, "to");
      const attempt = this.#attempts.of(id);
      if (attempt > firstAttempt) this.#signal(receiver, [signalKind.reopen, id, attempt, fromEpoch]);
    }
  }

  #signal(to: Address, signal: StreamSignal): void {
    this.#settings.host.signal(to, signal);
  }
}
