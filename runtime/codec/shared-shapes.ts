/**
 * SharedShapes: copies values that are messages of their own into one message, behind each other. Each of them says the shapes of its
 * records; what the one before has said the same under the same number is left out.
 *
 * Invariant
 *  P3  what is left out was the last that the message has said under that number.
 *
 * What it cannot walk through, as msgpackr has written it, is copied as it is; then nothing is known of the shapes behind it.
 */

type Put = (bytes: Uint8Array, from: number, to: number) => void;

export class SharedShapes {
  /** P3: by number, the array of keys. */
  readonly #said: (Uint8Array | undefined)[] = [];
  /** By number, how many keys a record of the value in hand has. */
  readonly #keyCounts = new Int32Array(shapeCount);

  /** The message may have other shapes from here on. */
  forget(): void {
    this.#said.length = 0;
  }

  /** Puts what the message needs of the value that is there. */
  copy(bytes: Uint8Array, from: number, to: number, put: Put): void {
    let copied = from;
    let at = from;
    for (let left = 1; left > 0; left -= 1) {
      const token = bytes[at] as number;
      if (token < 0x40 || token >= 0xe0) at += 1;
      else if (token < 0x80) {
        left += this.#keyCounts[token & 0x3f] as number;
        at += 1;
      } else if (token < 0xa0) {
        left += (token & 0x0f) * (token < 0x90 ? 2 : 1);
        at += 1;
      } else if (token < 0xc0) at += 1 + (token & 0x1f);
      else if (token === 0xd4 && bytes[at + 1] === 0x72) {
        const number = (bytes[at + 2] as number) & 0x3f;
        const end = this.#endOfKeys(bytes, at + 3, number);
        if (end < 0) break;
        left += this.#keyCounts[number] as number;
        if (isSame(this.#said[number], bytes, at + 3, end)) {
          put(bytes, copied, at);
          put(bytes, at + 2, at + 3);
          copied = end;
        } else this.#said[number] = bytes.slice(at + 3, end);
        at = end;
      } else {
        const end = endOf(bytes, at, token);
        if (end < 0) break;
        left += valuesInside(bytes, at, token);
        at = end;
      }
    }
    if (at !== to) this.forget();
    put(bytes, copied, to);
  }

  /** Behind the array of the keys of a shape, which are short; -1 when they are not. */
  #endOfKeys(bytes: Uint8Array, start: number, number: number): number {
    const token = bytes[start] as number;
    if (token < 0x90 || token >= 0xa0) return -1;
    const count = token & 0x0f;
    let at = start + 1;
    for (let index = 0; index < count; index += 1) {
      const key = bytes[at] as number;
      if (key < 0xa0 || key >= 0xc0) return -1;
      at += 1 + (key & 0x1f);
    }
    this.#keyCounts[number] = count;
    return at;
  }
}

const shapeCount = 64;

/** Behind a token, and what of its value are no values; -1 for one that plain data does not have. */
function endOf(bytes: Uint8Array, at: number, token: number): number {
  switch (token) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1;
    case 0xcb:
      return at + 9;
    case 0xcc:
      return at + 2;
    case 0xcd:
    case 0xdc:
    case 0xde:
      return at + 3;
    case 0xce:
    case 0xd2:
    case 0xdd:
    case 0xdf:
      return at + 5;
    case 0xd4:
      // Nothing, or a set in front of its array.
      return bytes[at + 2] === 0 && (bytes[at + 1] === 0 || bytes[at + 1] === 0x73) ? at + 3 : -1;
    case 0xd7:
      return at + 10;
    case 0xd9:
      return at + 2 + (bytes[at + 1] as number);
    case 0xda:
      return at + 3 + uint16(bytes, at + 1);
    case 0xdb:
      return at + 5 + uint32(bytes, at + 1);
    case 0xc7:
      return at + 3 + (bytes[at + 1] as number);
    case 0xc8:
      return at + 4 + uint16(bytes, at + 1);
    case 0xc9:
      return at + 6 + uint32(bytes, at + 1);
    default:
      return -1;
  }
}

/** How many values belong to the one of that token. */
function valuesInside(bytes: Uint8Array, at: number, token: number): number {
  if (token === 0xdc) return uint16(bytes, at + 1);
  if (token === 0xdd) return uint32(bytes, at + 1);
  if (token === 0xde) return 2 * uint16(bytes, at + 1);
  if (token === 0xdf) return 2 * uint32(bytes, at + 1);
  return token === 0xd4 && bytes[at + 1] === 0x73 ? 1 : 0;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 0x10000 + uint16(bytes, at + 2);
}

function isSame(said: Uint8Array | undefined, bytes: Uint8Array, from: number, to: number): boolean {
  if (said === undefined || said.length !== to - from) return false;
  for (let index = 0; index < said.length; index += 1) if (said[index] !== bytes[from + index]) return false;
  return true;
}
