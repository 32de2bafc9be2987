/** WaitingEvents: the events of one key that wait until event time has come to them, in the order of their times. Plain data. */

export interface WaitingEvents {
  readonly times: number[];
  readonly values: unknown[];
}

export function noWaitingEvents(): WaitingEvents {
  return { times: [], values: [] };
}

/** Puts an event behind those that are not later than it. */
export function insertWaiting({ times, values }: WaitingEvents, value: unknown, time: number): void {
  let index = times.length;
  while (index > 0 && times[index - 1]! > time) index -= 1;
  if (index === times.length) {
    times.push(time);
    values.push(value);
    return;
  }
  times.splice(index, 0, time);
  values.splice(index, 0, value);
}

/** How many there are at or before `time`. */
export function dueCount({ times }: WaitingEvents, time: number): number {
  const first = times.findIndex((candidate) => candidate > time);
  return first === -1 ? times.length : first;
}

export function removeFirst({ times, values }: WaitingEvents, count: number): void {
  times.splice(0, count);
  values.splice(0, count);
}
