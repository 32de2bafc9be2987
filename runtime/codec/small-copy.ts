/**
 * smallCopy: a frame of few plain values, copied value by value, for a port that carries it as it is. To be encoded, put into a
 * buffer and given to another thread takes a small frame three times as long as the platform's own copy between threads.
 *
 * What comes out at the other end is what the codec would give: instances of classes are left to it, and with them whatever it
 * refuses; holes in arrays become undefined, what is referenced twice becomes two, and what its sender changes afterwards is not seen.
 *
 * Deliberately elsewhere: anything that is not small (codec.ts); it is faster encoded.
 */

import { smallTextCharactersMax, smallValuesMax } from "../limits.ts";

/** A copy of `values`; undefined when they are too many, or not all plain. */
export function smallCopy(values: readonly unknown[]): readonly unknown[] | undefined {
  valuesLeft = smallValuesMax;
  const copied = copyOf(values);
  return copied === notSmall ? undefined : (copied as readonly unknown[]);
}

const notSmall = Symbol("not small");
let valuesLeft = 0;

function copyOf(value: unknown): unknown {
  switch (typeof value) {
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "string":
      return value.length <= smallTextCharactersMax ? value : notSmall;
    case "object":
      return value === null ? null : copyOfObject(value);
    default:
      return notSmall;
  }
}

function copyOfObject(value: object & { readonly __proto__?: unknown }): unknown {
  // biome-ignore lint/suspicious/noProto: one read that the engine inlines, and which finds own keys of that name
  const prototype = value.__proto__;
  if (prototype === Array.prototype) return copyOfArray(value as readonly unknown[]);
  return prototype === Object.prototype ? copyOfRecord(value as Readonly<Record<string, unknown>>) : notSmall;
}

function copyOfArray(values: readonly unknown[]): unknown {
  valuesLeft -= values.length;
  if (valuesLeft < 0) return notSmall;
  const copied: unknown[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = copyOf(values[index]);
    if (value === notSmall) return notSmall;
    copied.push(value);
  }
  return copied;
}

function copyOfRecord(record: Readonly<Record<string, unknown>>): unknown {
  const keys = Object.keys(record);
  valuesLeft -= keys.length;
  if (valuesLeft < 0) return notSmall;
  const copied: Record<string, unknown> = {};
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    const value = copyOf(record[key]);
    if (value === notSmall) return notSmall;
    copied[key] = value;
  }
  return copied;
}
