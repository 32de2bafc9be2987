/** TextTail: the end of a text that comes in pieces, in whole lines where they fit. */

export class TextTail {
  readonly #charactersMax: number;
  #text = "";
  #isCut = false;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  add(piece: string): void {
    const text = this.#text + piece;
    this.#text = text.slice(-this.#charactersMax);
    if (this.#text.length < text.length) this.#isCut = true;
  }

  /** At most so many characters; when there were more, without the line whose beginning is lost. */
  get text(): string {
    if (!this.#isCut) return this.#text;
    const lineEnd = this.#text.indexOf("\n");
    return lineEnd < 0 || lineEnd === this.#text.length - 1 ? this.#text : this.#text.slice(lineEnd + 1);
  }
}
