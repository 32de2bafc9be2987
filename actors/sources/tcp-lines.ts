/**
 * tcpLines: a TCP client that reads lines. It connects again when the connection is refused, ends or is lost, after
 * delays that grow and are left half to chance; failures are counted from the last line received.
 */

import { connect, type Socket } from "node:net";
import {
  type CancelTimer,
  checkNames,
  type Duration,
  durationMs,
  OptionError,
  wholeNumber,
} from "../../runtime/index.ts";
import { type Backoff, backoffDelayMs, checkBackoff } from "../backoff.ts";
import type { PollResult, SourceContext, SourceOutput, SourceReader, SourceSpec } from "../source.ts";
import type { LineFormat } from "./line-emitter.ts";
import { SocketLines } from "./socket-lines.ts";
import {
  ConnectionError,
  checkEndpoint,
  endpointOptionNames,
  portOf,
  type TcpEndpoint,
  type TcpEndpointOptions,
} from "./tcp-endpoint.ts";
import { type TextLinesOptions, textFormat, textOptionNames } from "./text-lines.ts";

export interface TcpLinesOptions extends TcpEndpointOptions, TextLinesOptions {
  /** `false`: the end of the connection is the end of the source, and a connection refused or lost is its failure. */
  readonly reconnect?: false | ReconnectOptions;
  /** How long a connection may take to be made; default `"10s"`. */
  readonly connectTimeout?: Duration;
}

export interface ReconnectOptions {
  /** How many failures in a row make the source fail; default 10. */
  readonly attempts?: number;
  /** Before the second attempt; doubles with each further one. Default `"100ms"`. */
  readonly delay?: Duration;
  /** Default `"10s"`. */
  readonly delayMax?: Duration;
}

/**
 * The lines that a TCP server sends. Of several instances each makes a connection of its own, instance `i` to
 * `ports[i % ports.length]`. Not replayable: what was sent while nobody was connected is gone. A source that is not polled
 * stops reading, so that the server has to wait.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 * Fails with ERR_ACT_CONNECTION and ERR_ACT_PARALLELISM. A line that a lost connection cuts off is invalid input.
 */
export function tcpLines(options: TcpLinesOptions): SourceSpec<string> {
  checkNames("tcpLines", options, {
    ...endpointOptionNames,
    ...textOptionNames,
    reconnect: true,
    connectTimeout: true,
  });
  const { reconnect = {}, connectTimeout = "10s" } = options;
  if (reconnect !== false && (typeof reconnect !== "object" || reconnect === null)) {
    throw new OptionError("tcpLines: reconnect", reconnect, "false or an object");
  }
  checkNames("tcpLines: reconnect", reconnect || {}, { attempts: true, delay: true, delayMax: true });
  const endpoint = checkEndpoint("tcpLines", options, 1);
  const settings: ClientSettings = {
    endpoint,
    format: textFormat("tcpLines", options),
    connectTimeoutMs: durationMs(connectTimeout, "tcpLines: connectTimeout"),
    isPersistent: reconnect !== false,
    attempts:
      reconnect === false ? 1 : wholeNumber("tcpLines: reconnect.attempts", reconnect.attempts ?? 10, 1, attemptsMax),
    backoff: checkBackoff(
      "tcpLines: reconnect",
      (reconnect === false ? undefined : reconnect.delay) ?? "100ms",
      (reconnect === false ? undefined : reconnect.delayMax) ?? "10s",
    ),
  };
  return {
    kind: "tcp",
    bounded: false,
    replayable: false,
    origin: endpoint.origin,
    create: () => new TcpLinesReader(settings),
  };
}

const attemptsMax = 1_000_000_000;

interface ClientSettings {
  readonly endpoint: TcpEndpoint;
  readonly format: LineFormat<string>;
  readonly connectTimeoutMs: number;
  readonly isPersistent: boolean;
  readonly attempts: number;
  readonly backoff: Backoff;
}

type Phase =
  | { readonly kind: "connecting"; readonly socket: Socket; readonly cancelTimer: CancelTimer }
  | { readonly kind: "connected"; readonly lines: SocketLines }
  | { readonly kind: "resting"; readonly cancelTimer: CancelTimer }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly error: unknown };

class TcpLinesReader implements SourceReader<string> {
  readonly #settings: ClientSettings;
  #context: SourceContext | undefined;
  #origin = "";
  #port = 0;
  /** Failures since the last line. */
  #failureCount = 0;
  #phase: Phase = { kind: "ended" };

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  open(context: SourceContext): void {
    this.#context = context;
    this.#port = portOf(this.#settings.endpoint, context);
    this.#origin = `${this.#settings.endpoint.host}:${this.#port}`;
    this.#connect();
  }

  poll(output: SourceOutput<string>, eventCountMax: number): PollResult {
    const phase = this.#phase;
    switch (phase.kind) {
      case "connecting":
      case "resting":
        return "waiting";
      case "ended":
        return "end";
      case "failed":
        throw phase.error;
      case "connected":
        return this.#read(phase.lines, output, eventCountMax);
    }
  }

  close(): void {
    const phase = this.#phase;
    this.#phase = { kind: "ended" };
    if (phase.kind === "connecting") phase.socket.destroy();
    if (phase.kind === "connecting" || phase.kind === "resting") phase.cancelTimer();
    if (phase.kind === "connected") phase.lines.close();
  }

  #read(lines: SocketLines, output: SourceOutput<string>, eventCountMax: number): PollResult {
    const count = lines.emit(output, eventCountMax);
    if (lines.lineCount > 0) this.#failureCount = 0;
    if (count === eventCountMax) return "more";
    const { phase } = lines;
    if (phase.kind === "open") return "waiting";
    lines.close();
    const error = phase.kind === "lost" ? phase.error : new Error("the server closed the connection");
    this.#leave(phase.kind === "ended", error);
    if (phase.kind === "lost") lines.refuseUnfinished(error);
    return this.#phase.kind === "ended" ? "end" : "waiting";
  }

  #connect(): void {
    const { endpoint, connectTimeoutMs } = this.#settings;
    const context = this.#context!;
    const socket = connect({ host: endpoint.host, port: this.#port, keepAlive: true });
    const fail = (error: unknown): void => {
      if (this.#phase.kind !== "connecting" || this.#phase.socket !== socket) return;
      this.#phase.cancelTimer();
      socket.destroy();
      this.#leave(false, error);
      context.wake();
    };
    const cancelTimer = context.clock.after(connectTimeoutMs, () =>
      fail(new Error(`it was not made within ${connectTimeoutMs} ms`)),
    );
    socket.on("error", fail);
    socket.on("connect", () => {
      if (this.#phase.kind !== "connecting" || this.#phase.socket !== socket) return;
      cancelTimer();
      const lines = new SocketLines(this.#origin, socket, this.#settings.format, context, () => context.wake());
      this.#phase = { kind: "connected", lines };
    });
    this.#phase = { kind: "connecting", socket, cancelTimer };
  }

  /** The connection has ended, was lost, or was not made: rests before the next, or gives up. */
  #leave(isEnd: boolean, error: unknown): void {
    const { isPersistent, attempts, backoff } = this.#settings;
    const { clock, random } = this.#context!;
    this.#failureCount += 1;
    if (isEnd && !isPersistent) this.#phase = { kind: "ended" };
    else if (this.#failureCount >= attempts) {
      this.#phase = { kind: "failed", error: new ConnectionError(this.#origin, this.#failureCount, error) };
      this.#context!.wake();
    } else {
      const delayMs = backoffDelayMs(backoff, this.#failureCount, random.next());
      this.#phase = { kind: "resting", cancelTimer: clock.after(delayMs, () => this.#connect()) };
    }
  }
}
