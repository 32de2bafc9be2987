/**
 * The keys of the objects that a function of an author's makes, where its text says that all it ever returns is one object literal. Whoever
 * takes such an object need not look whether it has other keys, so the compiler need not make it (docs/decisions/0074).
 *
 * What the text says is sure; of a function whose text is not as plain as that nothing is said.
 */

/** Comments, and texts between quotes. What a regular expression holds is not told apart, see `hidden`. */
const unread = /\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;
/** What may hold braces and commas that are none: a template, a regular expression, a name written with escapes. */
const hidden =
  /[`\\]|<!--|-->|(?<![\w$)\]\s])\s*\/|\b(?:return|typeof|void|in|of|instanceof|new|delete|case|do|else|yield|await)\s*\/|\b(?:if|while|for|with)\b[\s\S]*\//;
const name = String.raw`[A-Za-z_$][\w$]*`;
const parameters = String.raw`\([^()]*\)`;
/** Up to the brace of the literal, and from behind its other brace. */
const forms = [
  { head: new RegExp(String.raw`^(?:${name}|${parameters})\s*=>\s*\(\s*\{`), tail: /^\s*\)$/ },
  {
    head: new RegExp(
      String.raw`^(?:function\s*(?:${name})?\s*${parameters}|(?:${name}|${parameters})\s*=>)\s*\{\s*return[ \t]*\{`,
    ),
    tail: /^\s*;?\s*\}$/,
  },
];
const entry = new RegExp(String.raw`^\s*(${name})\s*(?:$|:)`);

/** Undefined where that is not sure. */
export function literalKeys(fn: (...given: never[]) => unknown): readonly string[] | undefined {
  const text = Function.prototype.toString.call(fn).replace(unread, (part) => (part.startsWith("/") ? " " : "0"));
  if (hidden.test(text)) return undefined;
  for (const { head, tail } of forms) {
    const start = head.exec(text)?.[0].length;
    const entries = start === undefined ? undefined : entriesFrom(text, start, tail);
    if (entries !== undefined) return keysOf(entries);
  }
  return undefined;
}

/** What stands between the commas of a literal; undefined where something other than `tail` is behind it. */
function entriesFrom(text: string, start: number, tail: RegExp): readonly string[] | undefined {
  const entries: string[] = [];
  let depth = 1;
  let from = start;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]!;
    if ("([{".includes(character)) depth += 1;
    else if (")]}".includes(character)) depth -= 1;
    if (depth > 1 || (depth === 1 && character !== ",")) continue;
    entries.push(text.slice(from, at));
    from = at + 1;
    if (depth === 0) return tail.test(text.slice(from)) ? entries : undefined;
  }
  return undefined;
}

function keysOf(entries: readonly string[]): readonly string[] | undefined {
  const keys = entries
    .filter((each, index) => index < entries.length - 1 || each.trim() !== "")
    .map((each) => entry.exec(each)?.[1]);
  const areAll = keys.every((key) => key !== undefined && key !== "__proto__");
  return areAll && new Set(keys).size === keys.length && keys.length > 0 ? (keys as string[]) : undefined;
}
