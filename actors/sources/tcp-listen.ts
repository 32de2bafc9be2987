/**
 * tcpListen: a TCP server that reads lines from whoever connects. Connections are read in turns, so that none keeps the
 * others waiting; nothing is ever written to them.
 *
 * Bound: for each connection that of SocketLines, for at most `connections` of them.
 */

import { createServer, type Server, type Socket } from "node:net";
import {
  type CancelTimer,
  checkNames,
  type Duration,
  durationMs,
  OptionError,
  wholeNumber,
} from "../../runtime/index.ts";
import { connectionCountMaxDefault } from "../limits.ts";
import { ParallelismError } from "../parallelism-error.ts";
import type { PollResult, SourceContext, SourceOutput, SourceReader, SourceSpec } from "../source.ts";
import type { LineFormat } from "./line-emitter.ts";
import { SocketLines } from "./socket-lines.ts";
import {
  checkEndpoint,
  endpointOptionNames,
  ListenError,
  portOf,
  type TcpEndpoint,
  type TcpEndpointOptions,
} from "./tcp-endpoint.ts";
import { type TextLinesOptions, textFormat, textOptionNames } from "./text-lines.ts";

export interface TcpListenOptions extends TcpEndpointOptions, TextLinesOptions {
  /** How many connections are held; further ones are closed at once. Default 256. */
  readonly connections?: number;
  /** A connection that sends nothing for this long is closed; default never. */
  readonly idleTimeout?: Duration;
  /** Called when an instance listens; tells the port when 0 was given. */
  readonly onListen?: (address: { readonly host: string; readonly port: number; readonly instance: number }) => void;
}

/**
 * The lines that TCP clients send, those of one client in order. Instance `i` listens on `ports[i]`; 0 takes a free port.
 * Unbounded and not replayable. A source that is not polled stops reading, so that the clients have to wait.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_LISTEN and ERR_ACT_PARALLELISM. A line that a lost connection cuts off is invalid input.
 */
export function tcpListen(options: TcpListenOptions): SourceSpec<string> {
  checkNames("tcpListen", options, {
    ...endpointOptionNames,
    ...textOptionNames,
    connections: true,
    idleTimeout: true,
    onListen: true,
  });
  const { connections = connectionCountMaxDefault, idleTimeout, onListen } = options;
  if (onListen !== undefined && typeof onListen !== "function") {
    throw new OptionError("tcpListen: onListen", onListen, "a function");
  }
  const endpoint = checkEndpoint("tcpListen", options, 0);
  const settings: ServerSettings = {
    endpoint,
    format: textFormat("tcpListen", options),
    connectionCountMax: wholeNumber("tcpListen: connections", connections, 1, connectionsAllowed),
    idleTimeoutMs: idleTimeout === undefined ? undefined : durationMs(idleTimeout, "tcpListen: idleTimeout"),
    onListen,
  };
  return {
    kind: "tcp-listen",
    bounded: false,
    replayable: false,
    origin: endpoint.origin,
    create: () => new TcpListenReader(settings),
  };
}

const connectionsAllowed = 65_536;
/** How many lines of one connection are taken before it is the next one's turn. */
const turnLines = 64;

interface ServerSettings {
  readonly endpoint: TcpEndpoint;
  readonly format: LineFormat<string>;
  readonly connectionCountMax: number;
  readonly idleTimeoutMs: number | undefined;
  readonly onListen: TcpListenOptions["onListen"];
}

interface Connection {
  readonly lines: SocketLines;
  lastChangeMs: number;
}

class TcpListenReader implements SourceReader<string> {
  readonly #settings: ServerSettings;
  readonly #connections = new Set<Connection>();
  /** Those that may have lines, next one first. */
  readonly #ready = new Set<Connection>();
  #context: SourceContext | undefined;
  #server: Server | undefined;
  #closed = false;
  #cancelTimer: CancelTimer | undefined;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  async open(context: SourceContext): Promise<void> {
    const { endpoint, connectionCountMax, idleTimeoutMs, onListen } = this.#settings;
    this.#context = context;
    if (endpoint.ports.length < context.parallelism) {
      throw new ParallelismError(context, `each instance needs a port of its own, there are ${endpoint.ports.length}`);
    }
    const port = portOf(endpoint, context);
    const server = createServer({ keepAlive: true }, (socket) => this.#accept(socket));
    this.#server = server;
    server.maxConnections = connectionCountMax;
    server.on("drop", () =>
      context.logger.log("warn", "connection refused, too many are open", { connectionCountMax }),
    );
    await listen(server, endpoint.host, port);
    if (this.#closed) return void server.close();
    server.on("error", (error) => context.fail(new ListenError(`${endpoint.host}:${port}`, error)));
    const address = server.address();
    const listened = { host: endpoint.host, port: typeof address === "object" && address ? address.port : port };
    context.logger.log("info", "source listens", { ...listened, operator: context.operator });
    if (idleTimeoutMs !== undefined) this.#watchIdle(idleTimeoutMs);
    onListen?.({ ...listened, instance: context.instance });
  }

  poll(output: SourceOutput<string>, eventCountMax: number): PollResult {
    let left = eventCountMax;
    for (const connection of this.#ready) {
      if (left === 0) return "more";
      const lineCountMax = Math.min(left, turnLines);
      const count = connection.lines.emit(output, lineCountMax);
      this.#ready.delete(connection);
      left -= count;
      // A set goes over what is added meanwhile, too.
      if (count === lineCountMax) this.#ready.add(connection);
      else this.#settle(connection);
    }
    return "waiting";
  }

  /** Also while it opens: then the port is freed as soon as it is taken. */
  close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    for (const { lines } of this.#connections) lines.close();
    this.#connections.clear();
    this.#ready.clear();
    const server = this.#server;
    if (server?.listening !== true) return Promise.resolve();
    return new Promise((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const context = this.#context!;
    const origin = `${socket.remoteAddress}:${socket.remotePort}`;
    const onChange = (): void => {
      connection.lastChangeMs = context.clock.monotonicMs();
      this.#ready.add(connection);
      context.wake();
    };
    const connection: Connection = {
      lines: new SocketLines(origin, socket, this.#settings.format, context, onChange),
      lastChangeMs: context.clock.monotonicMs(),
    };
    this.#connections.add(connection);
  }

  /** A connection without a line for now: waits for more, or is over. */
  #settle(connection: Connection): void {
    const { phase } = connection.lines;
    if (phase.kind === "open") return;
    this.#drop(connection, phase.kind === "lost" ? phase.error : undefined);
  }

  #drop(connection: Connection, error: unknown): void {
    this.#connections.delete(connection);
    this.#ready.delete(connection);
    connection.lines.close();
    if (error !== undefined) connection.lines.refuseUnfinished(error);
  }

  #watchIdle(idleTimeoutMs: number): void {
    const { clock } = this.#context!;
    this.#cancelTimer = clock.after(idleTimeoutMs / 2, () => {
      const limitMs = clock.monotonicMs() - idleTimeoutMs;
      for (const connection of this.#connections) {
        if (connection.lastChangeMs > limitMs || this.#ready.has(connection)) continue;
        this.#drop(connection, new Error(`it was idle for ${idleTimeoutMs} ms`));
      }
      this.#watchIdle(idleTimeoutMs);
    });
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new ListenError(`${host}:${port}`, error)));
    server.listen({ host, port, exclusive: true }, () => resolve());
  });
}
