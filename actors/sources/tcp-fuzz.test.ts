/**
 * Any bytes over TCP, drawn from a seed: no UTF-8, no line break, lines without an end, in pieces cut anywhere, from clients that
 * close one half, go away, or stop in the middle. Whoever is well behaved beside them is served, and each line is what its bytes say.
 */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { SeededRandom, SystemClock } from "../../runtime/index.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { tcpListen } from "./tcp-listen.ts";

const clock = new SystemClock();
const lineBytesMax = 500;
const lineFeed = 10;
/** What the lines of clients begin with whose end nobody knows. */
const unsure = "~".charCodeAt(0);
const goodCount = 200;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** One line without its break: noise, text that is cut inside a character, or nothing; some are too long. */
function drawLine(random: SeededRandom): Buffer {
  const length = random.pick([0, 1, 2, 20, 100, lineBytesMax - 1, lineBytesMax, lineBytesMax + 1, 3_000, 200_000]);
  const kind = random.pick(["noise", "text", "zeros", "cr", "bom"]);
  const bytes =
    kind === "text" ? Buffer.from("€ä𝄞x".repeat(Math.ceil(length / 4))).subarray(0, length) : Buffer.alloc(length);
  if (kind === "noise") for (let at = 0; at < length; at += 1) bytes[at] = random.below(256);
  if (kind === "cr") bytes.fill("\r");
  if (kind === "bom") bytes.fill("\ufeff");
  return Buffer.from(bytes.map((byte) => (byte === lineFeed ? 0 : byte)));
}

/** What a client sends: lines, and at its end one without a break, or none. */
function drawBytes(random: SeededRandom, isSure: boolean): Buffer {
  const lines = Array.from({ length: random.between(1, 30) }, () => drawLine(random));
  const tag = Buffer.of(isSure ? "=".charCodeAt(0) : unsure);
  const parts = lines.flatMap((line) => [tag, line, Buffer.of(lineFeed)]);
  return Buffer.concat(random.chance(0.5) ? parts : parts.slice(0, -1));
}

/** The lines that are in them, by the documentation of `tcpListen`; undefined for one that is too long. */
function linesOf(bytes: Buffer): (string | undefined)[] {
  const lines: (string | undefined)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, at);
    const line = bytes.subarray(at, found === -1 ? bytes.length : found);
    const text = line.toString("utf8");
    const isShort = found !== -1 && text.endsWith("\r") && text.length > 0;
    lines.push(line.length > lineBytesMax ? undefined : isShort ? text.slice(0, -1) : text);
    at = found === -1 ? bytes.length : found + 1;
  }
  return lines;
}

/** In pieces of any size, each handed to the system before the next. */
async function send(socket: Socket, bytes: Buffer, random: SeededRandom): Promise<void> {
  for (let at = 0; at < bytes.length && !socket.destroyed; ) {
    const length = random.pick([1, 2, 7, 100, 1_000, 100_000]);
    if (!socket.write(bytes.subarray(at, at + length))) {
      await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
    }
    at += length;
    if (random.chance(0.3)) await new Promise<void>((resolve) => clock.soon(resolve));
  }
}

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  "whatever clients send, lines are what their bytes say, and a good client is served beside them, seed %i",
  async (seed) => {
    const random = new SeededRandom(seed);
    let port = 0;
    const onListen = (address: { port: number }) => {
      port = address.port;
    };
    const source = tcpListen({ port: 0, onListen, lineBytesMax });
    const harness = await SourceHarness.open(source, { clock });
    cleanups.push(() => harness.close());
    const dial = async () => {
      const socket = connect(port, "127.0.0.1").setNoDelay();
      socket.on("error", () => {});
      cleanups.push(() => socket.destroy());
      await once(socket, "connect");
      return socket;
    };
    const expected: (string | undefined)[] = [];
    const sending: Promise<unknown>[] = [];

    for (let client = 0; client < 6; client += 1) {
      const ending = random.pick(["end", "end", "reset", "stop"]);
      const bytes = drawBytes(random, ending === "end");
      const socket = await dial();
      if (ending === "end") expected.push(...linesOf(bytes));
      const own = new SeededRandom(seed * 100 + client);
      sending.push(
        send(socket, bytes, own).then(() => {
          if (ending === "end") socket.end();
          if (ending === "reset") socket.resetAndDestroy();
        }),
      );
    }
    const good = await dial();
    const goodLines = Array.from({ length: goodCount }, (_, index) => `good ${index}`);
    sending.push(send(good, Buffer.from(goodLines.map((line) => `${line}\n`).join("")), random));
    const ofSure = () => harness.events.filter((line) => line.startsWith("="));
    const longLines = () =>
      harness.deadLetters.filter(
        ({ value, error }) =>
          (error as { code?: unknown }).code === "ERR_ACT_LINE_TOO_LONG" && String(value).startsWith("="),
      ).length;
    const short = expected.filter((line) => line !== undefined);
    const longCount = expected.length - short.length;
    const ofGood = () => harness.events.filter((line) => line.startsWith("good"));

    await harness.until(
      () => ofSure().length >= short.length && longLines() >= longCount && ofGood().length >= goodCount,
    );
    await Promise.all(sending);

    expect(ofSure().toSorted()).toEqual(short.toSorted());
    expect(longLines()).toBe(longCount);
    expect(ofGood()).toEqual(goodLines);
    expect(harness.context.failures).toEqual([]);
    expect(Math.max(...harness.events.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(3 * lineBytesMax);
  },
);
