import { describe, expect, test } from "vitest";
import type { Port } from "../seams/transport.ts";
import { type MessagePortEnd, MessagePortTransport } from "./message-port-transport.ts";

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values);
}

/** The next packets of a port, each once. */
function packetsOf(port: Port): (count: number) => Promise<number[][]> {
  const received: number[][] = [];
  let changed = Promise.withResolvers<void>();
  port.onPacket((packet) => {
    received.push([...(packet as Uint8Array)]);
    changed.resolve();
    changed = Promise.withResolvers();
  });
  return async (count) => {
    while (received.length < count) await changed.promise;
    return received;
  };
}

test("carries packets in both directions, in order", async () => {
  const { left, right } = new MessagePortTransport().createLink();
  const [ofLeft, ofRight] = [packetsOf(left), packetsOf(right)];

  left.post(bytes(1));
  left.post(bytes(2, 2));
  right.post(bytes(3));

  expect(await ofRight(2)).toEqual([[1], [2, 2]]);
  expect(await ofLeft(1)).toEqual([[3]]);
});

test("hands attachments over with their packet", async () => {
  const { left, right } = new MessagePortTransport().createLink();
  const attachment = bytes(7, 8);
  const received = Promise.withResolvers<unknown>();
  right.onPacket((packet, attachments) => received.resolve([packet, attachments]));

  left.post(bytes(1), [attachment]);

  expect(await received.promise).toEqual([bytes(1), [bytes(7, 8)]]);
  expect(attachment.byteLength).toBe(0);
});

test("hands a frame over as it is", async () => {
  const { left, right } = new MessagePortTransport().createLink();
  const received = Promise.withResolvers<unknown>();
  right.onPacket((packet, attachments) => received.resolve([packet, attachments]));

  left.post([1, "to", null, { half: "\ud800", zero: -0, nothing: undefined }]);

  expect(await received.promise).toStrictEqual([[1, "to", null, { half: "\ud800", zero: -0, nothing: undefined }], []]);
});

test("keeps what comes before somebody receives", async () => {
  const { left, right } = new MessagePortTransport().createLink();
  left.post(bytes(1));
  left.post(bytes(2));

  expect(await packetsOf(right)(2)).toEqual([[1], [2]]);
});

test("hands over to the receiver that was set last", async () => {
  const { left, right } = new MessagePortTransport().createLink();
  const ofFirst = packetsOf(right);
  left.post(bytes(1));
  await ofFirst(1);

  const ofSecond = packetsOf(right);
  left.post(bytes(2));

  expect(await ofSecond(1)).toEqual([[2]]);
  expect(await ofFirst(1)).toEqual([[1]]);
});

test("takes the bytes away from the sender", () => {
  const { left, right } = new MessagePortTransport().createLink();
  const packet = bytes(1, 2, 3);

  left.post(packet);

  expect(packet.byteLength).toBe(0);
  right.close();
});

test("carries the view, not the whole buffer under it", async () => {
  const { left, right } = new MessagePortTransport().createLink();

  left.post(bytes(0, 1, 2, 0).subarray(1, 3));

  expect(await packetsOf(right)(1)).toEqual([[1, 2]]);
});

describe("a closed port", () => {
  test("sends nothing, and does not mind being asked to", async () => {
    const { left, right } = new MessagePortTransport().createLink();
    const other = new MessagePortTransport().createLink();
    const ofRight = packetsOf(right);
    left.close();
    left.close();

    left.post(bytes(1));
    other.left.post(bytes(2));

    expect(await packetsOf(other.right)(1)).toEqual([[2]]);
    expect(await ofRight(0)).toEqual([]);
  });

  test("delivers nothing that is already on its way", async () => {
    const { left, right } = new MessagePortTransport().createLink();
    const other = new MessagePortTransport().createLink();
    const received = packetsOf(right);
    left.post(bytes(1));

    right.close();
    other.left.post(bytes(2));

    expect(await packetsOf(other.right)(1)).toEqual([[2]]);
    expect(await received(0)).toEqual([]);
  });
});

test("a port that is closed by its receiver delivers nothing of the rest", async () => {
  const { left, right } = new MessagePortTransport().createLink();
  const other = new MessagePortTransport().createLink();
  const received: number[] = [];
  right.onPacket((packet) => {
    received.push(...(packet as Uint8Array));
    right.close();
  });

  for (const value of [1, 2, 3]) left.post(bytes(value));
  await new Promise(setImmediate);
  other.left.post(bytes(4));

  expect(await packetsOf(other.right)(1)).toEqual([[4]]);
  expect(received).toEqual([1]);
});

test("a port that was handed to another thread is not used here", () => {
  const { left } = new MessagePortTransport().createLink();
  const port = left as MessagePortEnd;
  port.detach().close();

  expect(() => port.post(bytes(1))).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
  expect(() => port.detach()).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
});
