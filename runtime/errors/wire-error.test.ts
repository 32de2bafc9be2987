import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "../codec/codec.ts";
import { wireErrorCharactersMax } from "../limits.ts";
import { errorMatches } from "./error-match.ts";
import { MillraceError } from "./millrace-error.ts";
import { OptionError } from "./option-error.ts";
import { fromWire, RemoteError, toWire } from "./wire-error.ts";

class OutOfStockError extends MillraceError {
  readonly code = "ERR_TEST_STOCK";
}
class NothingLeftError extends OutOfStockError {}

const overTheWire = (error: unknown) => fromWire(decode(encode(toWire(error))) as ReturnType<typeof toWire>);

describe("an error that crossed a thread", () => {
  test("keeps name, code, message, stack, details and cause", () => {
    const cause = new TypeError("left is undefined");
    const error = new NothingLeftError("no apples", { cause, details: { fruit: "apple", count: 0 } });

    const remote = overTheWire(error);

    expect(remote).toBeInstanceOf(Error);
    expect(remote.name).toBe("NothingLeftError");
    expect(remote.code).toBe("ERR_TEST_STOCK");
    expect(remote.message).toBe("no apples");
    expect(remote.stack).toBe(error.stack);
    expect(remote.details).toEqual({ fruit: "apple", count: 0 });
    expect(remote.classNames).toEqual(["NothingLeftError", "OutOfStockError", "MillraceError", "Error"]);
    expect(remote.cause).toBeInstanceOf(RemoteError);
    expect((remote.cause as RemoteError).name).toBe("TypeError");
    expect((remote.cause as RemoteError).message).toBe("left is undefined");
  });

  test("keeps its own fields", () => {
    const error = Object.assign(new Error("refused"), { errno: -111, address: "127.0.0.1", code: 20, at: new Date(0) });

    const remote = overTheWire(error) as RemoteError & Record<string, unknown>;

    expect(remote.errno).toBe(-111);
    expect(remote.address).toBe("127.0.0.1");
    expect(remote.wire.fields?.code).toBe(20);
    expect(remote.wire.fields?.at).toContain("1970");
  });

  test("keeps the errors of an AggregateError", () => {
    const remote = overTheWire(new AggregateError([new Error("one"), "two"], "both"));

    expect(remote.errors.map((error) => error.message)).toEqual(["one", 'thrown, but not an Error: "two"']);
  });

  test("loses nothing at a second border", () => {
    const once = overTheWire(new NothingLeftError("no apples", { cause: new Error("why") }));

    const twice = overTheWire(once);

    expect(twice.wire).toEqual(once.wire);
  });

  test("ends a chain of causes that leads back to itself", () => {
    const error = new Error("circle");
    error.cause = new Error("half", { cause: error });

    const remote = overTheWire(error);

    expect((remote.cause as RemoteError).message).toBe("half");
    expect((remote.cause as RemoteError).cause).toBeUndefined();
  });

  test("ends a chain of causes without end", () => {
    let error = new Error("first");
    for (let depth = 0; depth < 10_000; depth += 1) error = new Error(`after ${depth}`, { cause: error });

    let depth = 0;
    for (let wire = toWire(error); wire.cause !== undefined; wire = wire.cause) depth += 1;

    expect(depth).toBe(16);
  });
});

describe("whatever is thrown", () => {
  const throwing = () => {
    throw new Error("hands off");
  };
  const hostileProxy = new Proxy(new Error("proxy"), {
    get: throwing,
    getPrototypeOf: throwing,
    ownKeys: throwing,
    has: throwing,
  });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const withGetters = Object.defineProperties(new Error("getters"), {
    stack: { get: throwing },
    code: { get: throwing },
    name: { get: throwing },
    extra: { get: throwing, enumerable: true },
  });
  const unprintable = { toJSON: throwing, [Symbol.toPrimitive]: throwing };

  test.each<[string, unknown, string]>([
    ["null", null, "null"],
    ["undefined", undefined, "undefined"],
    ["a string", "boom", '"boom"'],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a function", function named() {}, "function named"],
    ["a bigint", 5n, "5n"],
    ["a plain object", { a: 1 }, '{"a":1}'],
    ["an object that cannot be printed", unprintable, "toJSON"],
    ["a proxy that throws", hostileProxy, "object"],
    ["a revoked proxy", revoked.proxy, "object"],
    ["a list that throws", new Proxy([1], { get: throwing }), "[]"],
  ])("becomes a failure with a text: %s", (_, thrown, text) => {
    const remote = overTheWire(thrown);

    expect(remote.message).toContain(text);
    expect(remote.classNames).toEqual([]);
  });

  test("is read around getters that throw", () => {
    const remote = overTheWire(withGetters);

    expect(remote.message).toBe("getters");
    expect(remote.name).toBe("Error");
    expect(remote.code).toBeUndefined();
  });

  test("is cut to the limit however large it is", () => {
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field${index}`, "x".repeat(1_000)]));
    const error = Object.assign(new Error("m".repeat(1_000_000), { cause: new Error("c".repeat(1_000_000)) }), wide);

    const text = JSON.stringify(toWire(error));

    expect(text.length).toBeLessThan(wireErrorCharactersMax * 1.5);
  });

  test("is cut to the limit when its details share parts without end", () => {
    let shared: unknown = "leaf";
    for (let depth = 0; depth < 8; depth += 1) shared = Array.from({ length: 64 }, () => shared);

    const detailed = JSON.stringify(toWire(new OutOfStockError("wide", { details: { shared } })));
    const thrown = JSON.stringify(toWire(shared));

    expect(detailed.length).toBeLessThan(wireErrorCharactersMax * 8);
    expect(thrown.length).toBeLessThan(1_000);
  });

  test("never makes toWire throw, and always becomes data that can be encoded", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (thrown) => {
          const asError = Object.assign(new Error("carrier"), { details: thrown, extra: thrown, cause: thrown });

          expect(overTheWire(thrown)).toBeInstanceOf(RemoteError);
          expect(overTheWire(asError).message).toBe("carrier");
        },
      ),
    );
  });
});

describe("errorMatches", () => {
  const local = new NothingLeftError("no apples");

  test.each([
    ["its class", NothingLeftError, true],
    ["a class it extends", OutOfStockError, true],
    ["Error", Error, true],
    ["another class", OptionError, false],
    ["its code", "ERR_TEST_STOCK", true],
    ["another code", "ERR_RT_OPTION", false],
    ["a predicate that says yes", (error: unknown) => error instanceof Error && error.message.includes("apples"), true],
    ["a predicate that says no", () => false, false],
    [
      "a predicate that throws",
      () => {
        throw new Error("in predicate");
      },
      false,
    ],
  ] as const)("treats a local and a remote error alike: %s", (_, match, expected) => {
    expect(errorMatches(local, match)).toBe(expected);
    expect(errorMatches(overTheWire(local), match)).toBe(expected);
  });

  test("matches no class when no Error was thrown", () => {
    expect(errorMatches(null, Error)).toBe(false);
    expect(errorMatches("text", "text")).toBe(false);
  });
});
