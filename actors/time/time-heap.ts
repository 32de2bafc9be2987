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
    if (!isLast) rise(entries, entries.items.length - 1);
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
    const [heaped] = this.#heap.times;
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

/** Takes the first entry out of a heap that has one. */
function takeFirst<T>(heap: Entries<T>): T {
  swap(heap, 0, heap.items.length - 1);
  heap.times.pop();
  heap.orders.pop();
  const item = heap.items.pop() as T;
  sink(heap, 0);
  return item;
}

function rise<T>(heap: Entries<T>, from: number): void {
  for (let index = from; index > 0; ) {
    const parent = (index - 1) >> 1;
    if (!isBefore(heap, index, parent)) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function sink<T>(heap: Entries<T>, from: number): void {
  const { length } = heap.items;
  for (let index = from; ; ) {
    let first = index;
    const left = 2 * index + 1;
    if (left < length && isBefore(heap, left, first)) first = left;
    if (left + 1 < length && isBefore(heap, left + 1, first)) first = left + 1;
    if (first === index) return;
    swap(heap, index, first);
    index = first;
  }
}

function isBefore<T>({ times, orders }: Entries<T>, left: number, right: number): boolean {
  const difference = (times[left] as number) - (times[right] as number);
  return difference < 0 || (difference === 0 && (orders[left] as number) < (orders[right] as number));
}

function swap<T>({ times, orders, items }: Entries<T>, left: number, right: number): void {
  swapIn(times, left, right);
  swapIn(orders, left, right);
  swapIn(items, left, right);
}

function swapIn<T>(items: T[], left: number, right: number): void {
  const item = items[left] as T;
  items[left] = items[right] as T;
  items[right] = item;
}
