/**
 * CsvRecord: the fields of one record of comma-separated values (RFC 4180), from the lines it spans. Pure.
 *
 * A field that begins with a quote ends with one; two quotes in it stand for one, and it may hold delimiters and line
 * breaks. A quote anywhere else is an error. A line without quotes, the usual one, is split and nothing else.
 */

import { MillraceError } from "../../runtime/index.ts";

/** A record that breaks the rules of quoting. */
export class CsvQuoteError extends MillraceError {
  readonly code = "ERR_ACT_CSV_QUOTE";
}

export class CsvRecord {
  readonly #delimiter: string;
  readonly #quote: string;
  #fields: string[] = [];
  /** What a quoted field that spans lines holds so far; undefined when no quote is open. */
  #open: string | undefined;
  readonly #lines: string[] = [];
  #characterCount = 0;

  constructor(delimiter: string, quote: string) {
    this.#delimiter = delimiter;
    this.#quote = quote;
  }

  /** Whether a quote is open, so that the next line belongs to this record. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Characters of the lines so far. */
  get characterCount(): number {
    return this.#characterCount;
  }

  /** Forgets the record and returns its lines. */
  abandon(): string {
    const text = this.#lines.join("\n");
    this.#reset();
    return text;
  }

  /**
   * Adds a line, its LF removed and its CR not. Returns the fields when the record is complete; undefined when a quote is
   * open.
   *
   * @throws ERR_ACT_CSV_QUOTE; the record is to be abandoned then
   */
  push(line: string): string[] | undefined {
    if (this.#open === undefined && !line.includes(this.#quote)) return withoutReturn(line).split(this.#delimiter);
    this.#lines.push(line);
    this.#characterCount += line.length + 1;
    if (!this.#scan(line)) return undefined;
    const fields = this.#fields;
    this.#reset();
    return fields;
  }

  /** Reads the fields of a line. Returns false when it ends within quotes. */
  #scan(line: string): boolean {
    const delimiter = this.#delimiter;
    let at = 0;
    for (;;) {
      if (this.#open !== undefined) {
        at = this.#scanQuoted(line, at);
        if (at === -1) return false;
      } else if (line.startsWith(this.#quote, at)) {
        this.#open = "";
        at += 1;
        continue;
      } else {
        const found = line.indexOf(delimiter, at);
        const field = found === -1 ? withoutReturn(line.slice(at)) : line.slice(at, found);
        if (field.includes(this.#quote)) {
          throw new CsvQuoteError(`field ${this.#fields.length + 1} holds a quote but does not begin with one`);
        }
        this.#fields.push(field);
        at = found === -1 ? line.length : found;
      }
      if (at >= line.length) return true;
      at += delimiter.length;
    }
  }

  /** Reads on in a quoted field. Returns where its delimiter or the end of the record is; -1 when it is not closed. */
  #scanQuoted(line: string, start: number): number {
    const quote = this.#quote;
    let text = this.#open!;
    let at = start;
    for (;;) {
      const found = line.indexOf(quote, at);
      if (found === -1) {
        this.#open = `${text}${line.slice(at)}\n`;
        return -1;
      }
      text += line.slice(at, found);
      at = found + 1;
      if (!line.startsWith(quote, at)) break;
      text += quote;
      at += 1;
    }
    const isLast = at === line.length || (at === line.length - 1 && line.endsWith("\r"));
    if (!isLast && !line.startsWith(this.#delimiter, at)) {
      throw new CsvQuoteError(`field ${this.#fields.length + 1} goes on behind its closing quote`);
    }
    this.#fields.push(text);
    this.#open = undefined;
    return isLast ? line.length : at;
  }

  #reset(): void {
    this.#fields = [];
    this.#open = undefined;
    this.#lines.length = 0;
    this.#characterCount = 0;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
