/**
 * ReadingClock: a clock that runs while a cell can take events, and stands still while it cannot: its results wait for credit, its
 * source is paused, an operator takes no input. By any other clock an input would seem idle that nobody looked at.
 */

export class ReadingClock {
  #stoodMs = 0;
  /** On the monotonic clock; undefined while it runs. */
  #stoppedAtMs: number | undefined;

  /** @param isReading whether the cell could have taken events now */
  look(isReading: boolean, nowMs: number): void {
    if (!isReading) this.#stoppedAtMs ??= nowMs;
    else if (this.#stoppedAtMs !== undefined) {
      this.#stoodMs += nowMs - this.#stoppedAtMs;
      this.#stoppedAtMs = undefined;
    }
  }

  ms(nowMs: number): number {
    return (this.#stoppedAtMs ?? nowMs) - this.#stoodMs;
  }
}
