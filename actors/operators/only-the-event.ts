/**
 * Whether a function of an author's can look at anything but the event: at the context, that is given to it as well. What it is given
 * does not have to be noted for one that cannot, and what is not noted the compiler need not make (docs/decisions/0070).
 */

/** A name, or the fields of an object, or the places of an array. */
const parameter = String.raw`(?:[\w$]+|\{[\w$\s,:]*\}|\[[\w$\s,]*\])`;
const parameters = String.raw`\(\s*(?:${parameter}\s*,?\s*)?\)`;
const arrow = new RegExp(String.raw`^(?:[\w$]+|${parameters})\s*=>`);
const plain = new RegExp(String.raw`^function\s*[\w$]*\s*${parameters}\s*\{`);

/** True where that is sure by its text; false for all others. */
export function takesOnlyTheEvent(fn: (...given: never[]) => unknown): boolean {
  const text = Function.prototype.toString.call(fn);
  return arrow.test(text) || (plain.test(text) && !/\b(?:arguments|eval)\b|\[native code\]|\\/.test(text));
}
