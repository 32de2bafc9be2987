/** The TCP sources, over real sockets on the loopback interface. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { SystemClock, VirtualClock } from "../../runtime/index.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { TestContext } from "../testing/test-context.ts";
import { type TcpLinesOptions, tcpLines } from "./tcp-lines.ts";
import { type TcpListenOptions, tcpListen } from "./tcp-listen.ts";

const clock = new SystemClock();
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that hands each connection to the test. */
async function serve(
  port = 0,
): Promise<{ server: Server; port: number; next: () => Promise<Socket>; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const arrived: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    const take = waiting.shift();
    if (take === undefined) arrived.push(socket);
    else take(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const next = () => {
    const socket = arrived.shift();
    return socket === undefined ? new Promise<Socket>((resolve) => waiting.push(resolve)) : Promise.resolve(socket);
  };
  return { server, port: (server.address() as AddressInfo).port, next, sockets };
}

async function open(options: TcpLinesOptions, context = {}) {
  const harness = await SourceHarness.open(tcpLines(options), { clock, ...context });
  cleanups.push(() => harness.close());
  return harness;
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const { server, port } = await serve();
  server.close();
  await once(server, "close");
  return port;
}

describe("tcpLines", () => {
  test("reads lines, whatever the packets, to the end of the connection", async () => {
    const { port, next } = await serve();
    const harness = await open({ port, reconnect: false });
    const socket = await next();
    const bytes = Buffer.from("ä1\r\nb2\n\nlast");
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
    socket.end();

    await harness.toEnd();

    expect(harness.events).toEqual(["ä1", "b2", "", "last"]);
  });

  test("several instances read a port each", async () => {
    const servers = [await serve(), await serve()];
    const ports = servers.map(({ port }) => port);
    const harnesses = [];
    for (const instance of [0, 1, 2])
      harnesses.push(await open({ ports, reconnect: false }, { instance, parallelism: 3 }));
    for (const [index, name] of [
      [0, "a"],
      [1, "b"],
      [0, "c"],
    ] as const)
      (await servers[index]!.next()).end(`${name}\n`);

    for (const harness of harnesses) await harness.toEnd();

    expect(harnesses[1]!.events).toEqual(["b"]);
    expect([harnesses[0]!.events, harnesses[2]!.events].flat().sort()).toEqual(["a", "c"]);
  });

  test("refuses fewer instances than ports", async () => {
    await expect(open({ ports: [1, 2] })).rejects.toMatchObject({ code: "ERR_ACT_PARALLELISM" });
  });

  test("a refused connection is a failure that names host and port, when it is not to reconnect", async () => {
    const port = await freePort();
    const harness = await open({ port, reconnect: false });

    await expect(harness.toEnd()).rejects.toMatchObject({
      code: "ERR_ACT_CONNECTION",
      message: expect.stringMatching(`127.0.0.1:${port} after 1 attempt: connection refused`),
    });
  });

  test("connects again after growing delays, and gives up after the attempts allowed", async () => {
    const virtual = new VirtualClock();
    const reconnect = { attempts: 4, delay: "100ms", delayMax: "250ms" } as const;
    const harness = await open({ port: await freePort(), reconnect, connectTimeout: "1h" }, { clock: virtual });
    const delaysMs: (number | undefined)[] = [];
    for (let failure = 1; failure <= 3; failure += 1) {
      await harness.context.woken();
      expect(harness.poll()).toBe("waiting");
      delaysMs.push(virtual.nextDelayMs());
      virtual.advance(virtual.nextDelayMs()!);
    }

    await harness.context.woken();

    // The random number of the test context is 0.5: three quarters of 100, 200 and 250 ms.
    expect(delaysMs).toEqual([75, 150, 187.5]);
    expect(() => harness.poll()).toThrow(expect.objectContaining({ code: "ERR_ACT_CONNECTION" }));
  });

  test("goes on with the next connection when one ends, and starts counting failures again", async () => {
    const virtual = new VirtualClock();
    const { port, next } = await serve();
    const harness = await open({ port, reconnect: { attempts: 2 } }, { clock: virtual });
    for (const name of ["a", "b", "c", "d"]) {
      (await next()).end(`${name}\n`);
      await harness.until(() => harness.events.includes(name));
      while (virtual.nextDelayMs() === undefined) {
        await harness.context.woken();
        harness.poll();
      }
      virtual.advance(virtual.nextDelayMs()!);
    }

    expect(harness.events).toEqual(["a", "b", "c", "d"]);
  });

  test("a line that a lost connection cuts off becomes a dead letter", async () => {
    const { port, next } = await serve();
    const harness = await open({ port, reconnect: false });
    const socket = await next();
    socket.write("whole\nhal");
    await harness.until(() => harness.events.length === 1);

    socket.resetAndDestroy();
    await expect(harness.toEnd()).rejects.toMatchObject({ code: "ERR_ACT_CONNECTION" });

    expect(harness.events).toEqual(["whole"]);
    expect(harness.deadLetters).toEqual([
      { value: "hal", error: expect.objectContaining({ code: "ERR_ACT_INVALID_INPUT" }) },
    ]);
  });

  test("a connection that is not made in time counts as failed", async () => {
    const virtual = new VirtualClock();
    // Listens and accepts nothing: the handshake is the system's, so the time is made to pass before it is reported.
    const { port } = await serve();
    const harness = await open({ port, reconnect: false, connectTimeout: "3s" }, { clock: virtual });

    virtual.advance(3_000);

    expect(() => harness.poll()).toThrow(
      expect.objectContaining({ code: "ERR_ACT_CONNECTION", message: expect.stringContaining("3000 ms") }),
    );
  });

  test("a source that is not polled makes the server wait", async () => {
    const { port, next } = await serve();
    const harness = await open({ port, reconnect: false });
    const socket = await next();
    const line = `${"x".repeat(1_023)}\n`;
    let writtenLines = 0;
    const isFull = new Promise<void>((resolve) => {
      const write = () => {
        while (writtenLines < 65_536) {
          writtenLines += 1;
          if (!socket.write(line)) break;
        }
        if (writtenLines < 65_536) socket.once("drain", write);
        else resolve();
      };
      write();
    });
    const turns = (async () => {
      for (let turn = 0; turn < 2_000; turn += 1) await new Promise<void>((resolve) => clock.soon(resolve));
      return "still writing";
    })();

    expect(await Promise.race([isFull.then(() => "written"), turns])).toBe("still writing");

    // 64 MiB do not fit the buffers between; when polled, all of it comes.
    await harness.toCount(65_536);
    expect(harness.events).toHaveLength(65_536);
  });

  test("closed while it connects, or while it rests, it does nothing more", async () => {
    const virtual = new VirtualClock();
    const connecting = await open({ port: await freePort() }, { clock: virtual });
    await connecting.close();
    const resting = await open({ port: await freePort() }, { clock: virtual });
    await resting.context.woken();
    await resting.close();

    expect(virtual.nextDelayMs()).toBeUndefined();
    expect([connecting.poll(), resting.poll()]).toEqual(["end", "end"]);
  });

  test.each([
    ["port", {}],
    ["port", { port: 1, ports: [2] }],
    ["port", { port: 65_536 }],
    ["ports", { ports: [] }],
    ["host", { port: 1, host: "" }],
    ["reconnect.attempts", { port: 1, reconnect: { attempts: 0 } }],
    ["reconnect.delayMax", { port: 1, reconnect: { delay: "20s" } }],
    ["connectTimeout", { port: 1, connectTimeout: "soon" }],
    ["lineBytesMax", { port: 1, lineBytesMax: 0.5 }],
  ])("refuses %s that is not allowed, naming it (%j)", (name, options) => {
    const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`tcpLines: ${name}`) };
    expect(() => tcpLines(options as TcpLinesOptions)).toThrow(expect.objectContaining(expected));
  });
});

describe("tcpListen", () => {
  async function listen(options: Partial<TcpListenOptions> = {}, context = {}) {
    let port = 0;
    const onListen = (address: { port: number }) => {
      port = address.port;
    };
    const harness = await SourceHarness.open(tcpListen({ port: 0, onListen, ...options }), { clock, ...context });
    cleanups.push(() => harness.close());
    const dial = async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      cleanups.push(() => socket.destroy());
      await once(socket, "connect");
      return socket;
    };
    return { harness, port, dial };
  }

  test("frees its port when it is closed while it opens", async () => {
    const port = await freePort();
    const reader = tcpListen({ port }).create();

    const opening = reader.open(new TestContext(), undefined);
    await reader.close?.();
    await opening;

    const refused = connect(port, "127.0.0.1");
    const [error] = await once(refused, "error");
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("merges the lines of many clients, those of each in order", async () => {
    const { harness, dial } = await listen();
    const sockets = await Promise.all(Array.from({ length: 20 }, dial));
    sockets.forEach((socket, client) => {
      socket.end(Array.from({ length: 500 }, (_, index) => `${client}:${index}\n`).join(""));
    });

    await harness.toCount(10_000, 100);

    for (let client = 0; client < 20; client += 1) {
      const own = harness.events.filter((event) => event.startsWith(`${client}:`));
      expect(own).toEqual(Array.from({ length: 500 }, (_, index) => `${client}:${index}`));
    }
  });

  test("a client that never stops does not keep the others waiting, not even for one poll", async () => {
    const { harness, dial } = await listen();
    const busy = await dial();
    const flood = Buffer.from("busy\n".repeat(10_000));
    const write = () => {
      while (busy.write(flood));
    };
    busy.on("drain", write);
    write();
    await harness.toCount(1_000, 100);
    const other = await dial();
    other.write("other\n".repeat(1_000));

    let sharedPolls = 0;
    for (let otherCount = 0; otherCount < 1_000; ) {
      const before = harness.events.length;
      if (harness.poll(256) === "waiting") await harness.context.woken();
      await new Promise<void>((resolve) => clock.soon(resolve));
      const ofOther = harness.events.slice(before).filter((event) => event === "other").length;
      otherCount += ofOther;
      if (ofOther >= 64 && ofOther <= 192) sharedPolls += 1;
    }

    expect(sharedPolls).toBeGreaterThan(2);
  });

  test("clients that stop in the middle of a line, or go away, harm nobody", async () => {
    const { harness, dial } = await listen();
    const stuck = await dial();
    stuck.write("half a li");
    const lost = await dial();
    lost.write("whole\ncut o");
    await harness.until(() => harness.events.includes("whole"));
    lost.resetAndDestroy();
    const good = await dial();
    good.write("good\n");

    await harness.until(() => harness.events.includes("good") && harness.deadLetters.length === 1);

    expect(harness.deadLetters[0]).toEqual({
      value: "cut o",
      error: expect.objectContaining({ code: "ERR_ACT_INVALID_INPUT" }),
    });
    expect(harness.context.failures).toEqual([]);
    stuck.write("ne\n");
    await harness.until(() => harness.events.includes("half a line"));
  });

  test("a line that is too long costs itself only", async () => {
    const { harness, dial } = await listen({ lineBytesMax: 1_000 });
    const socket = await dial();
    socket.write(`before\n${"x".repeat(300_000)}\nafter\n`);

    await harness.until(() => harness.events.includes("after"));

    expect(harness.events).toEqual(["before", "after"]);
    expect(harness.deadLetters).toEqual([
      { value: "x".repeat(256), error: expect.objectContaining({ code: "ERR_ACT_LINE_TOO_LONG" }) },
    ]);
  });

  test("an invalid line that fails the source leaves the rest to be read", async () => {
    const { harness, dial } = await listen({ lineBytesMax: 10, onInvalid: "fail" });
    const socket = await dial();
    socket.write(`a\n${"x".repeat(100)}\nb\n`);

    await expect(harness.until(() => harness.events.includes("b"))).rejects.toMatchObject({
      code: "ERR_ACT_LINE_TOO_LONG",
    });
    await harness.until(() => harness.events.includes("b"));

    expect(harness.events).toEqual(["a", "b"]);
  });

  test("holds no more connections than allowed", async () => {
    const { harness, dial } = await listen({ connections: 2 });
    const [first] = await Promise.all([dial(), dial()]);
    const refused = await dial();
    await once(refused, "close");

    first!.write("still here\n");
    await harness.until(() => harness.events.includes("still here"));

    expect(harness.events).toEqual(["still here"]);
  });

  test("closes a client that sends nothing for too long, and no other", async () => {
    const virtual = new VirtualClock();
    const { harness, dial } = await listen({ idleTimeout: "10s" }, { clock: virtual });
    const idle = await dial();
    const busy = await dial();
    busy.write("1\n");
    idle.write("0\n");
    await harness.until(() => harness.events.length === 2);
    virtual.advance(6_000);
    busy.write("2\n");
    await harness.until(() => harness.events.length === 3);

    virtual.advance(6_000);

    idle.resume();
    await once(idle, "close");
    busy.write("3\n");
    await harness.until(() => harness.events.includes("3"));
    expect(harness.events).toHaveLength(4);
  });

  test("a port in use is a failure that names it", async () => {
    const { port } = await serve();
    await expect(listen({ port })).rejects.toMatchObject({
      code: "ERR_ACT_LISTEN",
      message: expect.stringContaining(`127.0.0.1:${port}: the port is in use`),
    });
  });

  test("a port is free again when the source was closed", async () => {
    const { harness, port, dial } = await listen();
    await dial();
    await harness.close();

    const again = await listen({ port });

    (await again.dial()).write("hello\n");
    await again.harness.until(() => again.harness.events.length === 1);
    expect(again.harness.events).toEqual(["hello"]);
  });

  test("refuses several instances on one port", async () => {
    await expect(listen({}, { parallelism: 2 })).rejects.toMatchObject({ code: "ERR_ACT_PARALLELISM" });
  });
});
