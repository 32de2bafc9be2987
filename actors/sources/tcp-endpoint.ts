/** The host and port options of the TCP sources, and what can go wrong with them. */

import { MillraceError, OptionError, type OptionNames, wholeNumber } from "../../runtime/index.ts";
import type { PartContext } from "../operator.ts";
import { ParallelismError } from "../parallelism-error.ts";
import { describeFailure } from "./input-error.ts";

export interface TcpEndpointOptions {
  /** Default `"127.0.0.1"`. */
  readonly host?: string;
  /** Give this one or `ports`. */
  readonly port?: number;
  /** One port per instance. */
  readonly ports?: readonly number[];
}

export const endpointOptionNames: OptionNames<TcpEndpointOptions> = { host: true, port: true, ports: true };

export interface TcpEndpoint {
  readonly host: string;
  readonly ports: readonly number[];
  /** For plans and errors. */
  readonly origin: string;
}

/** A connection could not be made, or was lost for good. */
export class ConnectionError extends MillraceError {
  readonly code = "ERR_ACT_CONNECTION";

  constructor(origin: string, attempts: number, cause: unknown) {
    super(
      `no connection to ${origin} after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}: ${describeFailure(cause)}`,
      {
        cause,
        details: { origin, attempts },
      },
    );
  }
}

/** A port cannot be listened on. */
export class ListenError extends MillraceError {
  readonly code = "ERR_ACT_LISTEN";

  constructor(origin: string, cause: unknown) {
    super(`cannot listen on ${origin}: ${describeFailure(cause)}`, { cause, details: { origin } });
  }
}

/** Checks host and ports; `source` names them in errors. Throws ERR_RT_OPTION. */
export function checkEndpoint(source: string, options: TcpEndpointOptions, portMin: number): TcpEndpoint {
  const { host = "127.0.0.1", port, ports } = options;
  if (typeof host !== "string" || host.length === 0)
    throw new OptionError(`${source}: host`, host, "a host name or address");
  if ((port === undefined) === (ports === undefined)) {
    throw new OptionError(`${source}: port`, port, "either `port` or `ports`");
  }
  const all = ports ?? [port];
  if (!Array.isArray(all) || all.length === 0) throw new OptionError(`${source}: ports`, ports, "an array of ports");
  for (const each of all) wholeNumber(`${source}: ${ports === undefined ? "port" : "ports"}`, each, portMin, portMax);
  return { host, ports: all as number[], origin: all.map((each) => `${host}:${each}`).join(", ") };
}

/** The port of an instance: `ports[instance % count]`. Throws ERR_ACT_PARALLELISM when one would be nobody's. */
export function portOf({ ports }: TcpEndpoint, context: PartContext): number {
  if (ports.length > context.parallelism)
    throw new ParallelismError(context, `there are ${ports.length} ports, one per instance`);
  return ports[context.instance % ports.length]!;
}

const portMax = 65_535;
