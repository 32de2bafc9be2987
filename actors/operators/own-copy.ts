/**
 * OwnCopy: a copy of a function that calls an author's functions for each event. What V8 has seen at a call it keeps by the code that
 * calls: in a loop that all operators share it has seen the functions of all of them, and puts none of them into the loop. A copy made
 * from the text of the loop has seen those that it was made for, and no others.
 *
 * What is copied names nothing but its parameters and what every module can name.
 */

import { canMakeCode } from "../../runtime/index.ts";
import { ownCopiesMax, ownCopyCharactersMax } from "../limits.ts";

/** By their texts, so that an operator that starts again finds its loop compiled. */
const copies = new Map<string, unknown>();
let madeCount = 0;

/**
 * A copy of `original` for the author's functions with these texts; `original` itself where no function may be made from a text, and where the texts
 * are too long for V8 to put them anywhere.
 *
 * @param place tells copies for the same texts apart
 */
export function ownCopy<F extends (...given: never[]) => unknown>(original: F, texts: string, place = 0): F {
  if (texts.length > ownCopyCharactersMax || !canMakeCode()) return original;
  const name = `${original.name} ${place} ${texts}`;
  const known = copies.get(name);
  if (known !== undefined) return known as F;
  if (copies.size === ownCopiesMax) copies.clear();
  // V8 takes equal texts for one function, and so does who makes a copy for a function that a copy has made.
  madeCount += 1;
  const text = original.toString().replaceAll("=> {", `=> { // ${madeCount}\n`);
  const made = new Function(`"use strict"; return ${text}; // ${madeCount}`)() as F;
  copies.set(name, made);
  return made;
}

/** The texts of functions, as one. */
export function textsOf(functions: readonly ((...given: never[]) => unknown)[]): string {
  return functions.map((fn) => Function.prototype.toString.call(fn)).join("\n");
}
