/** Vehicle: the event of the bridge jobs, read from a line such as `car`. */

import type { EventContext } from "../../jobs/index.ts";

export interface Vehicle {
  readonly type: string;
  /** Which sensor saw it: name and instance, `sensor 0`. */
  readonly seenBy: string;
}

/** Makes the function that reads a line. A line that it throws at becomes a dead letter where the job says "resume". */
export function readVehicle(sensor: string): (line: string, context: EventContext) => Vehicle {
  return (line, { instance }) => {
    const type = line.trim().toLowerCase();
    if (type === "") throw new SyntaxError('expected a type of vehicle such as "car", got an empty line');
    return { type, seenBy: `${sensor} ${instance}` };
  };
}
