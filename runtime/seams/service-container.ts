/**
 * ServiceContainer: makes services on demand and disposes them when their scope ends, on top of tsyringe's containers.
 *
 * A service of scope "host" is made once, in the container it was registered with; one of scope "actor" once per
 * `actorScope()` that asks for it. tsyringe finds the registration, the nearest container first, and hands the factory
 * the container that was asked; what was made, in which order, is kept here, because tsyringe disposes in no order and
 * only what it constructed itself.
 *
 * Invariants
 *  I1  what was made later is disposed earlier: it may use what was made before it.
 *  I2  a service never outlives a service that it got from its own container.
 */

import "reflect-metadata";

import { type DependencyContainer, container as root } from "tsyringe";
import { OptionError } from "../errors/option-error.ts";
import {
  ServiceCycleError,
  ServiceDisposeError,
  ServiceError,
  ServiceFailedError,
  ServiceScopeError,
  ServicesDisposedError,
  ServiceUnknownError,
} from "./service-error.ts";
import type { ServiceRegistration, Services, ServiceToken } from "./services.ts";

/** A service that exists already. Who made it disposes it. */
export interface ServiceBinding<T = unknown> {
  readonly token: ServiceToken<T>;
  readonly value: T;
}

export class ServiceContainer implements Services, AsyncDisposable {
  readonly #container: DependencyContainer;
  readonly #parent: ServiceContainer | undefined;
  readonly #kind: "host" | "actor";
  readonly #names: readonly string[];
  /** Services being made right now, outermost first; one list for a whole tree of containers. */
  readonly #making: ServiceRegistration[];
  /** In the order they were made. */
  readonly #made = new Map<ServiceRegistration, unknown>();
  readonly #scopes = new Set<ServiceContainer>();
  #disposal: Promise<void> | undefined;

  /** @throws ERR_RT_OPTION when a token stands there twice */
  constructor(
    registrations: readonly (ServiceRegistration | ServiceBinding)[],
    parent?: ServiceContainer,
    kind: "host" | "actor" = "host",
  ) {
    this.#container = (parent === undefined ? root : parent.#container).createChildContainer();
    this.#parent = parent;
    this.#kind = kind;
    this.#names = registrations.map(({ token }) => token.name);
    this.#making = parent === undefined ? [] : parent.#making;
    this.#container.register(ownerKey, { useValue: this });
    if (parent !== undefined) parent.#scopes.add(this);
    for (const registration of registrations) this.#register(registration);
  }

  /**
   * The service behind `token`, made when it is asked for the first time.
   *
   * @throws ERR_RT_SERVICE_UNKNOWN, ERR_RT_SERVICE_FAILED, ERR_RT_SERVICE_CYCLE, ERR_RT_SERVICE_SCOPE,
   *   ERR_RT_SERVICES_DISPOSED
   */
  get<T>(token: ServiceToken<T>): T {
    if (this.#disposal !== undefined) throw new ServicesDisposedError(token.name);
    if (!this.#container.isRegistered(token.key, true)) throw new ServiceUnknownError(token.name, this.#allNames());
    return this.#container.resolve<T>(token.key);
  }

  /** The services of one actor. To be disposed with the actor; otherwise they are with this container. */
  actorScope(): ServiceContainer {
    return new ServiceContainer([], this, "actor");
  }

  /**
   * Disposes what this container and those below it have made, in reverse order, waiting for each. One that throws does
   * not keep the others. Nothing can be asked for afterwards. Calling it again returns the same promise.
   *
   * @throws ERR_RT_SERVICE_DISPOSE naming those that threw
   */
  dispose(): Promise<void> {
    this.#disposal ??= this.#disposeAll();
    return this.#disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #register(registration: ServiceRegistration | ServiceBinding): void {
    const { key, name } = registration.token;
    if (this.#container.isRegistered(key)) throw new OptionError("service", name, "one registration of each token");
    if ("value" in registration) this.#container.register(key, { useValue: registration.value });
    else this.#container.register(key, { useFactory: (asked) => this.#resolve(registration, asked) });
  }

  #resolve(registration: ServiceRegistration, asked: DependencyContainer): unknown {
    if (registration.scope === "host") return this.#make(registration);
    const scope = asked.resolve<ServiceContainer>(ownerKey);
    if (scope.#kind === "actor") return scope.#make(registration);
    throw new ServiceScopeError(
      registration.token.name,
      this.#making.map(({ token }) => token.name),
    );
  }

  #make(registration: ServiceRegistration): unknown {
    if (this.#made.has(registration)) return this.#made.get(registration);
    const { name } = registration.token;
    if (this.#making.includes(registration)) {
      const chain = [...this.#making.slice(this.#making.indexOf(registration)), registration];
      throw new ServiceCycleError(chain.map(({ token }) => token.name));
    }
    this.#making.push(registration);
    try {
      const service = registration.create(this);
      this.#made.set(registration, service);
      return service;
    } catch (error) {
      throw error instanceof ServiceError ? error : new ServiceFailedError(name, error);
    } finally {
      this.#making.pop();
    }
  }

  async #disposeAll(): Promise<void> {
    const names: string[] = [];
    const errors: unknown[] = [];
    for (const scope of [...this.#scopes].reverse()) {
      await scope.dispose().catch((error: unknown) => note("a scope", error));
    }
    for (const [{ token }, service] of [...this.#made].reverse()) {
      try {
        await disposeService(service);
      } catch (error) {
        note(token.name, error);
      }
    }
    this.#made.clear();
    if (this.#parent !== undefined) this.#parent.#scopes.delete(this);
    if (errors.length > 0) throw new ServiceDisposeError(names, errors);

    function note(name: string, error: unknown): void {
      names.push(name);
      errors.push(error);
    }
  }

  #allNames(): readonly string[] {
    const inherited = this.#parent === undefined ? [] : this.#parent.#allNames();
    return [...new Set([...inherited, ...this.#names])];
  }
}

/** Under this each container holds whose it is. */
const ownerKey = Symbol("owner");

async function disposeService(service: unknown): Promise<void> {
  if ((typeof service !== "object" && typeof service !== "function") || service === null) return;
  const dispose: unknown = Reflect.get(service, Symbol.asyncDispose) ?? Reflect.get(service, Symbol.dispose);
  if (typeof dispose === "function") await dispose.call(service);
}
