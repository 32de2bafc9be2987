/** FaultSchedule: calls back for each fault of a plan when it is due by time, in real time, in whichever life of the process. */

import { type CancelTimer, type Clock, SeededRandom } from "../../runtime/index.ts";
import type { FaultAction } from "../simulation/fault-action.ts";
import { struckSoFar } from "./fault-journal.ts";
import type { FaultSetting } from "./fault-setting.ts";

export class FaultSchedule {
  readonly #setting: FaultSetting;
  readonly #clock: Clock;
  readonly #onDue: (action: FaultAction, index: number) => boolean;
  readonly #cancels = new Map<number, CancelTimer>();

  /**
   * @param isMine which faults of the plan it calls back for
   * @param onDue false when there was nothing to strike
   */
  constructor(
    setting: FaultSetting,
    clock: Clock,
    isMine: (action: FaultAction) => boolean,
    onDue: (action: FaultAction, index: number) => boolean,
  ) {
    this.#setting = setting;
    this.#clock = clock;
    this.#onDue = onDue;
    const spent = new Set(struckSoFar(setting.journal).map(({ fault }) => fault));
    setting.faults.forEach(({ action, trigger }, index) => {
      if (!isMine(action)) return;
      switch (trigger.kind) {
        case "at":
          // One that fell into the time between two processes strikes at once.
          if (!spent.has(index)) this.#once(index, action, Math.max(0, trigger.ms - this.#nowMs));
          return;
        case "every":
          this.#repeat(index, action, () => trigger.ms);
          return;
        case "randomly": {
          const random = new SeededRandom(setting.seed + index * 7_919 + spent.size);
          // Exponentially distributed waits: a Poisson process.
          this.#repeat(index, action, () => (-1_000 * Math.log(1 - random.next())) / trigger.perSecond);
          return;
        }
        case "after":
        case "always":
          return;
      }
    });
  }

  /** Nothing is due any more. */
  end(): void {
    for (const cancel of this.#cancels.values()) cancel();
  }

  /** As soon as there is something to strike: what is being replaced is back soon. */
  #once(index: number, action: FaultAction, delayMs: number): void {
    this.#after(index, delayMs, () => {
      if (!this.#onDue(action, index)) this.#once(index, action, missedMs);
    });
  }

  #repeat(index: number, action: FaultAction, waitMs: () => number): void {
    this.#after(index, waitMs(), () => {
      if (this.#nowMs > this.#setting.quietAfterMs) return;
      this.#onDue(action, index);
      this.#repeat(index, action, waitMs);
    });
  }

  #after(index: number, delayMs: number, callback: () => void): void {
    this.#cancels.set(index, this.#clock.after(delayMs, callback));
  }

  get #nowMs(): number {
    return this.#clock.wallMs() - this.#setting.startMs;
  }
}

/** A fault that found nothing to strike looks again after so long. */
const missedMs = 50;
