/** ThrownValue: what code throws that should not: no error, one that cannot be looked at, one that cannot cross threads. */

/** Kinds of values that a fault can throw. */
export const thrownKinds = ["error", "null", "undefined", "string", "proxy", "huge", "unclonable"] as const;
export type ThrownKind = (typeof thrownKinds)[number];

/** The code of a job was told to fail. */
export class InjectedError extends Error {
  override readonly name = "InjectedError";
}

/** @param text the message, of those values that have one */
export function thrownValue(kind: ThrownKind, text: string): unknown {
  switch (kind) {
    case "error":
      return new InjectedError(text);
    case "null":
      return null;
    case "undefined":
      return undefined;
    case "string":
      return text;
    case "proxy":
      return new Proxy({}, { get: refuse, getPrototypeOf: refuse, ownKeys: refuse, has: refuse });
    case "huge":
      return new InjectedError(text.padEnd(hugeCharacters, "."));
    case "unclonable":
      return { message: text, callback: () => text };
  }
}

function refuse(): never {
  throw new InjectedError("a value that throws when it is looked at");
}

const hugeCharacters = 10_000_000;
