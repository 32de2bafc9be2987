/**
 * Services that job and actor authors register for their operators: database clients, models, rules. A service lives as
 * long as the host's share of a job, or as long as one actor.
 */

/** Names a service and ties its type to the name. */
export interface ServiceToken<T> {
  readonly key: symbol;
  readonly name: string;
  /** Never set; carries the type. */
  readonly type?: T;
}

/** A token for services of type `T`; tokens of the same name are the same, on every thread. */
export function serviceToken<T>(name: string): ServiceToken<T> {
  return { key: Symbol.for(`millrace.service.${name}`), name };
}

export interface Services {
  /** The service behind `token`. Throws ERR_RT_SERVICE_UNKNOWN when none was registered. */
  get<T>(token: ServiceToken<T>): T;
}

/** Made once per host, or once per actor that asks for it. */
export type ServiceScope = "host" | "actor";

/** How a service is made. One with `Symbol.dispose` or `Symbol.asyncDispose` is disposed when its scope ends. */
export interface ServiceRegistration<T = unknown> {
  readonly token: ServiceToken<T>;
  readonly scope: ServiceScope;
  readonly create: (services: Services) => T;
}
