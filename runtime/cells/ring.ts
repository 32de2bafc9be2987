/** Ring: a FIFO queue over one growing array; no allocation per item once it has reached its working size. */

export class Ring<T> {
  #items: (T | undefined)[] = new Array(16);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#length) & (this.#items.length - 1)] = item;
    this.#length += 1;
  }

  /** The oldest item, taken out; undefined when there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length -= 1;
    return item;
  }

  /** Puts an item before all others. */
  unshift(item: T): void {
    if (this.#length === this.#items.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#length += 1;
  }

  /** Takes out everything, oldest first. */
  drain(): T[] {
    const drained: T[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) drained.push(item);
    return drained;
  }

  /** Doubles the array; its length stays a power of two, which is what the index masks rely on. */
  #grow(): void {
    const grown: (T | undefined)[] = new Array(this.#items.length * 2);
    for (let index = 0; index < this.#length; index += 1) {
      grown[index] = this.#items[(this.#head + index) & (this.#items.length - 1)];
    }
    this.#items = grown;
    this.#head = 0;
  }
}
