/**
 * TimeHeap: what is due at times, the earliest first; what is due at the same time in the order in which it was put in.
 *
 * A binary heap (J. W. J. Williams, Algorithm 232: Heapsort, 1964) over three parallel arrays, so that an entry is no object.
 */

export class TimeHeap<T> {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #items: T[] = [];
  #nextOrder = 0;

  get size(): number {
    return this.#items.length;
  }

  /** When the first entry is due; Infinity when there is none. */
  get firstTime(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  add(time: number, item: T): void {
    this.#times.push(time);
    this.#orders.push(this.#nextOrder);
    this.#items.push(item);
    this.#nextOrder += 1;
    this.#rise(this.#items.length - 1);
  }

  /** The first entry, taken out; undefined when there is none. */
  take(): T | undefined {
    const last = this.#items.length - 1;
    if (last < 0) return undefined;
    this.#swap(0, last);
    this.#times.pop();
    this.#orders.pop();
    const item = this.#items.pop();
    this.#sink(0);
    return item;
  }

  /** Takes out what is due at `time` or before, in order, also what `visit` puts in meanwhile. */
  takeUntil(time: number, visit: (item: T, dueTime: number) => void): void {
    while (this.size > 0 && this.firstTime <= time) {
      const dueTime = this.firstTime;
      visit(this.take() as T, dueTime);
    }
  }

  #rise(from: number): void {
    for (let index = from; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(from: number): void {
    const { length } = this.#items;
    for (let index = from; ; ) {
      let first = index;
      const left = 2 * index + 1;
      if (left < length && this.#isBefore(left, first)) first = left;
      if (left + 1 < length && this.#isBefore(left + 1, first)) first = left + 1;
      if (first === index) return;
      this.#swap(index, first);
      index = first;
    }
  }

  #isBefore(left: number, right: number): boolean {
    const difference = (this.#times[left] as number) - (this.#times[right] as number);
    return difference < 0 || (difference === 0 && (this.#orders[left] as number) < (this.#orders[right] as number));
  }

  #swap(left: number, right: number): void {
    swap(this.#times, left, right);
    swap(this.#orders, left, right);
    swap(this.#items, left, right);
  }
}

function swap<T>(items: T[], left: number, right: number): void {
  const item = items[left] as T;
  items[left] = items[right] as T;
  items[right] = item;
}
