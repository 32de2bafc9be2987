/** DemoFeed: types the lines of a demonstration into the sockets of a job, each when the one before has been answered. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export class DemoFeed {
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  static async connect(ports: readonly number[]): Promise<DemoFeed> {
    const sockets = ports.map((port) => connect(port, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    return new DemoFeed(sockets);
  }

  /** Types `lines` into the sockets in turns; `answered` resolves when the line typed last has been dealt with. */
  async type(lines: readonly string[], answered: (line: string) => Promise<void>): Promise<void> {
    for (const [index, line] of lines.entries()) {
      const done = answered(line);
      this.#sockets[index % this.#sockets.length]?.write(`${line}\n`);
      await done;
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Ports that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map((server) => {
      server.close();
      return once(server, "close");
    }),
  );
  return ports;
}
