import { expect, test } from "vitest";
import { readPacket } from "../codec/packet.ts";
import { linkCreditMessages, packetBytesSoft, smallTextCharactersMax } from "../limits.ts";
import type { Packet, Port } from "../seams/transport.ts";
import { type Frame, frameKind } from "./frame.ts";
import { Link } from "./link.ts";

class FakePort implements Port {
  readonly packets: Packet[] = [];
  /** Of each packet. */
  readonly attachments: (readonly Uint8Array[])[] = [];
  isClosed = false;

  post(packet: Packet, attachments: readonly Uint8Array[] = []): void {
    this.packets.push(packet);
    this.attachments.push(attachments);
  }

  onPacket(): void {}

  close(): void {
    this.isClosed = true;
  }

  /** The messages, and the credit that was given, in their order. */
  frames(): unknown[] {
    const values: unknown[] = [];
    for (const packet of this.packets) {
      if (!(packet instanceof Uint8Array)) values.push(packet.at(-1));
      else readPacket(packet, (frame) => values.push((frame as unknown[]).at(-1)));
    }
    return values;
  }
}

const tell = (message: unknown): Frame => [frameKind.tell, "millrace://test/a", null, 0, message];
const ignore = () => undefined;

function joined() {
  const link = new Link();
  const port = new FakePort();
  link.join(port, ignore);
  return { link, port };
}

test("sends what was written as one packet, in its order", () => {
  const { link, port } = joined();

  link.sendMessage(tell("a"));
  link.send([frameKind.linkCredit, 7]);
  link.sendMessage(tell("b"));
  expect(port.packets).toHaveLength(0);
  link.flush();
  link.flush();

  expect(port.packets).toHaveLength(1);
  expect(port.frames()).toEqual(["a", 7, "b"]);
});

test("sends a small frame that is alone as it is, and encodes it when another one follows", () => {
  const { link, port } = joined();
  const message = { asks: 1 };

  link.sendMessage(tell(message));
  message.asks = 2;
  link.flush();
  link.sendMessage(tell(message));
  link.sendMessage(tell("another"));
  link.flush();
  link.sendMessage(tell("x".repeat(smallTextCharactersMax + 1)));
  link.flush();

  expect(port.packets).toEqual([tell({ asks: 1 }), expect.any(Uint8Array), expect.any(Uint8Array)]);
  expect(port.frames().slice(0, 3)).toEqual([{ asks: 1 }, { asks: 2 }, "another"]);
});

test("has at most its credit of messages on the wire; the others follow in their order as credit comes", () => {
  const { link, port } = joined();
  const messageCount = linkCreditMessages + 10;
  for (let index = 0; index < messageCount; index += 1) expect(link.sendMessage(tell(index))).toBe(true);
  link.flush();
  expect(port.frames()).toHaveLength(linkCreditMessages);

  link.grant(4);
  link.sendMessage(tell(messageCount));
  link.grant(100);
  link.flush();

  expect(port.frames()).toEqual(Array.from({ length: messageCount + 1 }, (_, index) => index));
});

test("refuses a message that cannot be carried without spending credit on it", () => {
  const { link, port } = joined();
  for (let index = 0; index < linkCreditMessages; index += 1) {
    expect(() => link.sendMessage(tell(() => index))).toThrow(
      expect.objectContaining({ code: "ERR_RT_NOT_PLAIN_DATA" }),
    );
  }

  link.sendMessage(tell("carried"));
  link.flush();

  expect(port.frames()).toEqual(["carried"]);
});

test("holds after leave what is sent, and sends it after join, frames of the runtime first", () => {
  const { link, port } = joined();
  link.sendMessage(tell("for the dead"));
  link.leave();
  expect(port.isClosed).toBe(true);
  link.sendMessage(tell("a"));
  link.send([frameKind.linkCredit, 7]);
  link.sendMessage(tell("b"));
  link.flush();

  const next = new FakePort();
  link.join(next, ignore);
  link.sendMessage(tell("c"));
  link.flush();

  expect(next.frames()).toEqual([7, "a", "b", "c"]);
});

test("has its whole credit again after join", () => {
  const { link } = joined();
  for (let index = 0; index < linkCreditMessages; index += 1) link.sendMessage(tell(index));
  link.leave();
  const next = new FakePort();
  link.join(next, ignore);

  for (let index = 0; index < linkCreditMessages; index += 1) link.sendMessage(tell(index));
  link.flush();

  expect(next.frames()).toHaveLength(linkCreditMessages);
});

test("cuts what waited into packets of a bounded size", () => {
  const link = new Link();
  const large = "x".repeat(packetBytesSoft / 4);
  for (let index = 0; index < 40; index += 1) link.sendMessage(tell(large));

  const port = new FakePort();
  link.join(port, ignore);

  expect(Math.max(...port.packets.map((packet) => (packet as Uint8Array).byteLength))).toBeLessThan(
    2 * packetBytesSoft,
  );
  expect(port.frames()).toHaveLength(40);
});

test("a frame with attachments is alone in its packet, in its place, also when it waits for join", () => {
  const attachment = Uint8Array.of(1, 2);
  const { link, port } = joined();
  const sendThree = () => {
    link.send([frameKind.linkCredit, 1]);
    link.send([frameKind.linkCredit, 2], [attachment]);
    link.send([frameKind.linkCredit, 3]);
    link.flush();
  };
  const later = new FakePort();

  sendThree();
  link.leave();
  sendThree();
  link.join(later, ignore);

  for (const each of [port, later]) {
    expect(each.frames()).toEqual([1, 2, 3]);
    expect(each.attachments).toEqual([[], [attachment], []]);
  }
});

test("leave drops attachments with the frames that were meant for the dead host", () => {
  const { link } = joined();
  const later = new FakePort();
  link.leave();
  link.send([frameKind.linkCredit, 1], [Uint8Array.of(1)]);

  link.leave();
  link.join(later, ignore);

  expect(later.packets).toEqual([]);
});
