/** The texts of events, drawn character by character. The order of the draws is part of what they are. */

import type { JavaRandom } from "./java-random.ts";

/** Room for the longest text, which is that of an auction. */
const codes = new Uint8Array(1_024);
const space = 0x20;
const letterA = 0x61;

/** From 3 to `lengthMax - 1` letters and blanks, without those at its ends. */
export function words(random: JavaRandom, lengthMax: number): string {
  return letters(random, 3 + random.nextInt(lengthMax - 3), space).trim();
}

/** Letters, and now and then a `gap`. */
export function letters(random: JavaRandom, length: number, gap: number): string {
  for (let index = 0; index < length; index += 1) {
    codes[index] = random.nextInt(13) === 0 ? gap : letterA + random.nextInt(26);
  }
  return String.fromCharCode.apply(null, codes.subarray(0, length) as unknown as number[]);
}

/** What fills an event of `size` up to about `wanted`: a fifth more or less of what is missing. */
export function filler(random: JavaRandom, size: number, wanted: number): string {
  if (size > wanted) return "";
  const missing = wanted - size;
  const spread = Math.floor(missing * 0.2 + 0.5);
  const length = missing - spread + (spread === 0 ? 0 : random.nextInt(2 * spread));
  let draw = 0;
  for (let index = 0; index < length; index += 1) {
    if (index % charactersPerDraw === 0) draw = random.nextInt32();
    // Of a negative number, too, which makes characters before "a".
    const rest = draw % 26;
    codes[index] = letterA + rest;
    draw = (draw - rest) / 26;
  }
  return String.fromCharCode.apply(null, codes.subarray(0, length) as unknown as number[]);
}

const charactersPerDraw = 6;
