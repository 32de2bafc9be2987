/** StreamEnd: what is left of a stream that ended in a sink. */

import type { EventDeadLetter } from "../actors/index.ts";
import type { Stream } from "./stream.ts";

export interface StreamEnd<T> {
  /** The events that the sink gives up, as events. They are kept and counted all the same. */
  deadLetters(): Stream<EventDeadLetter<T>>;
}
