/**
 * WantedSavepoints: the savepoints that were asked for. Each is made from the first checkpoint whose epoch started after it was
 * asked for, so that it holds everything that had come before.
 */

import { SavepointError } from "../store/savepoint-error.ts";

interface Wanted {
  readonly save: () => void;
  readonly giveUp: () => void;
  /** The epoch that it waits for; undefined until one has started. */
  epoch: number | undefined;
}

export class WantedSavepoints {
  #wanted: Wanted[] = [];

  /** Whether one waits for an epoch to be started. */
  get areWanted(): boolean {
    return this.#wanted.some(({ epoch }) => epoch === undefined);
  }

  want<T>(save: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#wanted.push({
      save: () => void save().then(resolve, reject),
      giveUp: () => reject(new SavepointError("the run ended before a checkpoint for the savepoint was complete")),
      epoch: undefined,
    });
    return promise;
  }

  startEpoch(epoch: number): void {
    for (const wanted of this.#wanted) wanted.epoch ??= epoch;
  }

  /** The epoch in flight was given up: the next one counts. */
  cancelEpoch(): void {
    for (const wanted of this.#wanted) wanted.epoch = undefined;
  }

  completeEpoch(epoch: number): void {
    const due = this.#wanted.filter((wanted) => wanted.epoch === epoch);
    this.#wanted = this.#wanted.filter((wanted) => wanted.epoch !== epoch);
    for (const { save } of due) save();
  }

  /** No checkpoint is made any more. */
  giveUp(): void {
    const given = this.#wanted;
    this.#wanted = [];
    for (const { giveUp } of given) giveUp();
  }
}
