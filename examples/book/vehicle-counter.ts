/** VehicleCounter: the operator of all counting jobs. Each instance counts what it gets, whatever the grouping sends it. */

import type { ProcessContext } from "../../jobs/index.ts";
import type { Vehicle } from "./vehicle.ts";

export interface CountUpdate {
  /** Name and instance of the counter: `counter 1`. */
  readonly countedBy: string;
  readonly vehicle: Vehicle;
  readonly count: number;
}

export class VehicleCounter {
  readonly #counts = new Map<string, number>();

  onEvent(vehicle: Vehicle, context: ProcessContext<CountUpdate>): void {
    const count = (this.#counts.get(vehicle.type) ?? 0) + 1;
    this.#counts.set(vehicle.type, count);
    context.emit({ countedBy: `${context.operator} ${context.instance}`, vehicle, count });
  }

  /** Any message is answered with the counts: an operator is an actor that can be asked while the job runs. */
  onMessage(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort());
  }
}
