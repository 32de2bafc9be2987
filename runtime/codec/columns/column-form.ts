/**
 * ColumnForm: how the values of one field, of all events of a batch, are written. A column is a msgpack array that begins with its
 * form; numbers are binary parts in the byte order of the machine, which both ends share.
 */

export const columnForm = {
  /** One value for all. */
  constant: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  float64: 4,
  /** A base, and what is above it: whole numbers beyond 32 bits that are close to each other, such as times. */
  above8: 5,
  above16: 6,
  above32: 7,
  /** The distinct values, and which of them each is. */
  dictionary8: 8,
  dictionary16: 9,
  /** A msgpack array. */
  packed: 10,
  /** Objects of one shape: a column for each key. */
  rows: 11,
  /** Dates: the column of their times. */
  dates: 12,
  /** Values of several kinds: a column for those of each kind, and of which kind each is. */
  mixed: 13,
} as const;

export const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** How many kinds of values a mixed column tells apart; what is of a further kind is packed. */
export const mixedKindsMax = 16;
