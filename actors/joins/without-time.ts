/** withoutTime: what an event without event time fails with in front of a join. */

import { EventTimeError } from "../time/event-time.ts";

export function withoutTime(operator: string): EventTimeError {
  return new EventTimeError(
    `operator ${JSON.stringify(operator)}: an event has no event time; give its stream one by eventTime, directly behind the source`,
    { details: { operator } },
  );
}
