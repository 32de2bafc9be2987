import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "./codec.ts";
import { PacketWriter, readPacket } from "./packet.ts";

function read(packet: Uint8Array): unknown[] {
  const values: unknown[] = [];
  readPacket(packet, (value) => values.push(value));
  return values;
}

describe("a packet", () => {
  test("gives back its values in order", () => {
    const writer = new PacketWriter();
    writer.write({ a: 1 });
    writer.write([2, { a: 3 }]);
    writer.append(encode({ a: 4 }));
    writer.write(5);

    expect(read(writer.take())).toEqual([{ a: 1 }, [2, { a: 3 }], { a: 4 }, 5]);
  });

  test("gives back bytes as views of itself", () => {
    const writer = new PacketWriter();
    writer.write(Buffer.from([1, 2, 3]));
    writer.write("after");
    const packet = writer.take();

    const [bytes, after] = read(packet);

    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
    expect((bytes as Uint8Array).buffer).toBe(packet.buffer);
    expect(after).toBe("after");
  });

  test("is not touched again once taken", () => {
    const writer = new PacketWriter();
    writer.write("x".repeat(3_000));
    const first = writer.take();
    writer.write("y".repeat(3_000));
    const second = writer.take();

    expect(first.buffer).not.toBe(second.buffer);
    expect(read(first)).toEqual(["x".repeat(3_000)]);
    expect(structuredClone(second, { transfer: [second.buffer] }).byteLength).toBe(3_003);
    writer.write(1);
    expect(read(writer.take())).toEqual([1]);
  });

  test("does not hold more than twice its bytes", () => {
    const writer = new PacketWriter();
    writer.write(new Uint8Array(100_000));
    writer.take();
    writer.write(1);

    expect(writer.take().buffer.byteLength).toBe(1);
  });

  test("stays as it was when a value is refused", () => {
    const writer = new PacketWriter();
    writer.write({ a: 1 });

    expect(() => writer.write({ a: () => 1 }, "frame")).toThrow("frame.a: function a");
    expect(() => writer.write(new Uint8Array(64 * 1024 * 1024 + 1))).toThrow(
      expect.objectContaining({ code: "ERR_RT_FRAME_TOO_LARGE" }),
    );

    writer.write({ a: 2 });
    expect(read(writer.take())).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test("may be empty", () => {
    expect(read(new PacketWriter().take())).toEqual([]);
  });

  test("carries any sequence of values and bytes", () => {
    const row = fc.dictionary(
      fc.constantFrom("a", "b", "c", "d"),
      fc.oneof(fc.integer(), fc.string({ unit: "grapheme" })),
      {
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(row, fc.uint8Array({ maxLength: 9_000 }), fc.integer()))), (packets) => {
        const writer = new PacketWriter();
        for (const values of packets) {
          for (const value of values) writer.write(value);
          expect(read(writer.take())).toEqual(values);
        }
      }),
    );
  });
});

test("a damaged packet is refused before any of its values is delivered", () => {
  const writer = new PacketWriter();
  writer.write({ a: 1 });
  writer.write({ text: "to be cut off" });
  const packet = writer.take();
  const received: unknown[] = [];

  const reading = () => readPacket(packet.subarray(0, packet.byteLength - 1), (value) => received.push(value));

  expect(reading).toThrow(expect.objectContaining({ code: "ERR_RT_FRAME_CORRUPT" }));
  expect(received).toEqual([]);
});

test("a receiver may encode and read packets itself", () => {
  const inner = new PacketWriter();
  inner.write({ inner: 1 });
  const innerPacket = inner.take();
  const outer = new PacketWriter();
  outer.write({ outer: 1 });
  outer.write({ outer: 2 });
  const seen: unknown[] = [];

  readPacket(outer.take(), (value) => {
    seen.push(value);
    readPacket(innerPacket, (nested) => seen.push(nested));
  });

  expect(seen).toEqual([{ outer: 1 }, { inner: 1 }, { outer: 2 }, { inner: 1 }]);
});
