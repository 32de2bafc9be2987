/**
 * Composition root of the runtime: the tokens of everything outside, and what is bound to them. A test or a simulation
 * binds other things to the same tokens; nobody else makes a seam.
 *
 * The thread pool is made for a number of threads: it is bound when that is given.
 */

import { MessagePortTransport } from "../threads/message-port-transport.ts";
import { PiscinaThreadPool, type ThreadPoolOptions } from "../threads/piscina-thread-pool.ts";
import type { ThreadPool } from "../threads/thread-pool.ts";
import { type Clock, SystemClock } from "./clock.ts";
import { type Logger, StderrLogger } from "./logger.ts";
import { MetricRegistry, type Metrics } from "./metrics.ts";
import { type Random, SystemRandom } from "./random.ts";
import { type ServiceBinding, ServiceContainer } from "./service-container.ts";
import { type ServiceRegistration, type ServiceScope, serviceToken } from "./services.ts";
import type { Transport } from "./transport.ts";

export const seams = {
  clock: serviceToken<Clock>("millrace.clock"),
  random: serviceToken<Random>("millrace.random"),
  transport: serviceToken<Transport>("millrace.transport"),
  logger: serviceToken<Logger>("millrace.logger"),
  metrics: serviceToken<Metrics>("millrace.metrics"),
  threadPool: serviceToken<ThreadPool>("millrace.thread-pool"),
};

/** What takes the place of a real binding. Whoever made it disposes it. */
export interface SeamOverrides {
  /** Default: the time of the platform. Worker threads always have that. */
  readonly clock?: Clock | undefined;
  /** Default: the random numbers of the platform. Worker threads always have those. */
  readonly random?: Random | undefined;
  /** What joins hosts. Default: message ports. */
  readonly transport?: Transport | undefined;
  /** Default: warnings and errors to standard error, those of worker threads included. */
  readonly logger?: Logger | undefined;
  /** Default: a registry of the system's own. */
  readonly metrics?: Metrics | undefined;
  /** Default: worker threads in piscina. */
  readonly threadPool?: ThreadPool | undefined;
}

/** The runtime's seams: the real ones, except those that `overrides` names; a thread pool only with `threads`. */
export function systemSeams(overrides: SeamOverrides = {}, threads?: ThreadPoolOptions): ServiceContainer {
  const real = threads === undefined ? realBindings : [...realBindings, threadPoolBinding(threads)];
  const bound = Object.entries(seams).flatMap(([name, token]): (ServiceBinding | ServiceRegistration)[] => {
    const value = overrides[name as keyof SeamOverrides];
    return value === undefined ? real.filter((binding) => binding.token === token) : [{ token, value }];
  });
  return new ServiceContainer(bound);
}

const scope: ServiceScope = "host";

const realBindings: readonly ServiceRegistration[] = [
  { token: seams.clock, scope, create: () => new SystemClock() },
  { token: seams.random, scope, create: () => new SystemRandom() },
  { token: seams.transport, scope, create: () => new MessagePortTransport() },
  { token: seams.logger, scope, create: () => new StderrLogger() },
  { token: seams.metrics, scope, create: () => new MetricRegistry() },
];

function threadPoolBinding(options: ThreadPoolOptions): ServiceRegistration<ThreadPool> {
  const create: ServiceRegistration<ThreadPool>["create"] = (services) =>
    new PiscinaThreadPool(options, { clock: services.get(seams.clock), logger: services.get(seams.logger) });
  return { token: seams.threadPool, scope, create };
}
