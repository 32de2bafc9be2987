/** What can be wrong with a service. */

import { MillraceError } from "../errors/millrace-error.ts";

/** The root of the errors of services; one that a factory runs into while asking for another service is passed on as it is. */
export abstract class ServiceError extends MillraceError {}

export class ServiceUnknownError extends ServiceError {
  readonly code = "ERR_RT_SERVICE_UNKNOWN";

  constructor(name: string, registered: readonly string[]) {
    const known = registered.length === 0 ? "none is registered" : `registered are ${registered.join(", ")}`;
    super(`service "${name}" is not registered: ${known}`, { details: { name, registered } });
  }
}

/** The factories of services ask for each other. */
export class ServiceCycleError extends ServiceError {
  readonly code = "ERR_RT_SERVICE_CYCLE";

  constructor(chain: readonly string[]) {
    super(`services need each other: ${chain.join(" -> ")}`, { details: { chain } });
  }
}

/** A service of one actor was asked for where there is no actor: by a service of the host, say, which would outlive it. */
export class ServiceScopeError extends ServiceError {
  readonly code = "ERR_RT_SERVICE_SCOPE";

  constructor(name: string, askedBy: readonly string[]) {
    const by = askedBy.length === 0 ? "" : ` by ${askedBy.join(" -> ")}`;
    super(`service "${name}" has the scope "actor", but was asked for outside an actor${by}`, {
      details: { name, askedBy },
    });
  }
}

/** The factory of a service threw; the cause is what it threw. The next who asks makes it try again. */
export class ServiceFailedError extends ServiceError {
  readonly code = "ERR_RT_SERVICE_FAILED";

  constructor(name: string, cause: unknown) {
    super(`service "${name}" could not be made`, { cause, details: { name } });
  }
}

export class ServicesDisposedError extends ServiceError {
  readonly code = "ERR_RT_SERVICES_DISPOSED";

  constructor(name: string) {
    super(`service "${name}" was asked for after the end of its scope`, { details: { name } });
  }
}

/** Services that threw when they were disposed; all others were disposed. The cause is an AggregateError of what they threw. */
export class ServiceDisposeError extends ServiceError {
  readonly code = "ERR_RT_SERVICE_DISPOSE";

  constructor(names: readonly string[], errors: readonly unknown[]) {
    const cause = new AggregateError(errors, `${errors.length} of the services threw`);
    super(`services could not be disposed: ${names.join(", ")}`, { cause, details: { names } });
  }
}
