/**
 * TimeHeap: what is due at times, the earliest first; what is due at the same time in the order in which it was put in.
 *
 * Most of it is put in in the order of the times, and stays in a queue, from which it is taken without a comparison but one. What
 * is due before the last of the queue goes to a binary heap (J. W. J. Williams, Algorithm 232: Heapsort, 1964). Both are parallel
 * arrays, so that an entry is no object.
 *
 * Invariants
 *  T1  the queue is in the order of times, and those of one time in the order in which they were put in.
 */

export class TimeHeap<T> {
  readonly #queue: Entries<T> = { times: [], orders: [], items: [] };
  /** Entries of the queue before it have been taken out. */
  #head = 0;
  readonly #heap: Entries<T> = { times: [], orders: [], items: [] };
  #nextOrder = 0;

  get size(): number {
    return this.#queue.items.length - this.#head + this.#heap.items.length;
  }

  /** When the first entry is due; Infinity when there is none. */
  get firstTime(): number {
    const queued = this.#queue.times[this.#head] ?? Number.POSITIVE_INFINITY;
    const heaped = this.#heap.times[0] ?? Number.POSITIVE_INFINITY;
    return Math.min(queued, heaped);
  }

  add(time: number, item: T): void {
    const { times } = this.#queue;
    // T1
    const isLast = this.#head === times.length || (times[times.length - 1] as number) <= time;
    const entries = isLast ? this.#queue : this.#heap;
    entries.times.push(time);
    entries.orders.push(this.#nextOrder);
    entries.items.push(item);
    this.#nextOrder += 1;
    if (!isLast) rise(entries);
  }

  /** The first entry, taken out; undefined when there is none. */
  take(): T | undefined {
    if (this.#isHeapFirst()) return takeFirst(this.#heap);
    return this.#head === this.#queue.items.length ? undefined : this.#takeQueued();
  }

  /**
   * Takes out what is due at `time` or before, in order, also what `visit` puts in meanwhile, but no more than so many.
   *
   * @returns whether nothing is left
   */
  takeUntil(time: number, countMax: number, visit: (item: T, dueTime: number) => void): boolean {
    for (let count = 0; ; count += 1) {
      const isHeap = this.#isHeapFirst();
      const dueTime = isHeap ? this.#heap.times[0] : this.#queue.times[this.#head];
      if (dueTime === undefined || dueTime > time) return true;
      if (count === countMax) return false;
      visit(isHeap ? takeFirst(this.#heap) : this.#takeQueued(), dueTime);
    }
  }

  /** Of a queue that has one. */
  #takeQueued(): T {
    const { times, orders, items } = this.#queue;
    const item = items[this.#head] as T;
    this.#head += 1;
    // Rarely, so that leaving costs the same for however many there are.
    if (this.#head * 2 > items.length) {
      times.splice(0, this.#head);
      orders.splice(0, this.#head);
      items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  #isHeapFirst(): boolean {
    const heaped = this.#heap.times[0];
    if (heaped === undefined) return false;
    const queued = this.#queue.times[this.#head];
    if (queued === undefined || heaped !== queued) return queued === undefined || heaped < queued;
    return (this.#heap.orders[0] as number) < (this.#queue.orders[this.#head] as number);
  }
}

interface Entries<T> {
  readonly times: number[];
  readonly orders: number[];
  readonly items: T[];
}

/** Takes the first entry out of a heap that has one. The last one takes its place, and sinks: others move up until it is before both below it. */
function takeFirst<T>({ times, orders, items }: Entries<T>): T {
  const first = items[0] as T;
  const time = times.pop() as number;
  const order = orders.pop() as number;
  const item = items.pop() as T;
  const { length } = items;
  if (length === 0) return first;
  let index = 0;
  for (let child = 1; child < length; child = 2 * index + 1) {
    const other = child + 1;
    if (other < length && isBefore(times[other]!, orders[other]!, times[child]!, orders[child]!)) child = other;
    if (!isBefore(times[child]!, orders[child]!, time, order)) break;
    times[index] = times[child]!;
    orders[index] = orders[child]!;
    items[index] = items[child] as T;
    index = child;
  }
  times[index] = time;
  orders[index] = order;
  items[index] = item;
  return first;
}

/** The last entry of a heap moves to where it belongs: others move down that it is before. */
function rise<T>({ times, orders, items }: Entries<T>): void {
  let index = items.length - 1;
  const time = times[index]!;
  const order = orders[index]!;
  const item = items[index] as T;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(time, order, times[parent]!, orders[parent]!)) break;
    times[index] = times[parent]!;
    orders[index] = orders[parent]!;
    items[index] = items[parent] as T;
    index = parent;
  }
  times[index] = time;
  orders[index] = order;
  items[index] = item;
}

function isBefore(time: number, order: number, otherTime: number, otherOrder: number): boolean {
  return time < otherTime || (time === otherTime && order < otherOrder);
}
