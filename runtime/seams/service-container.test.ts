import { describe, expect, test } from "vitest";
import { ServiceContainer } from "./service-container.ts";
import { type ServiceRegistration, type ServiceScope, type Services, serviceToken } from "./services.ts";

const database = serviceToken<Named>("database");
const model = serviceToken<Named>("model");
const rules = serviceToken<Named>("rules");

class Named {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const register = (
  token: typeof database,
  scope: ServiceScope = "host",
  create: (services: Services) => Named = () => new Named(token.name),
): ServiceRegistration => ({ token, scope, create });

/** A service that writes its disposal down. */
function disposable(log: string[], name: string, failure?: Error): Named {
  return Object.assign(new Named(name), {
    async [Symbol.asyncDispose]() {
      log.push(`${name} begins`);
      await Promise.resolve();
      if (failure !== undefined) throw failure;
      log.push(`${name} ends`);
    },
  });
}

describe("a service", () => {
  test("of a host is made once, when it is asked for, and shared by its actors", () => {
    let made = 0;
    const create = () => {
      made += 1;
      return new Named("database");
    };
    const host = new ServiceContainer([register(database, "host", create)]);
    expect(made).toBe(0);

    const found = [host.actorScope().get(database), host.actorScope().get(database), host.get(database)];

    expect(new Set(found).size).toBe(1);
    expect(made).toBe(1);
  });

  test("of an actor is made once per actor", () => {
    const host = new ServiceContainer([register(database, "actor")]);
    const [first, second] = [host.actorScope(), host.actorScope()];

    expect(first.get(database)).toBe(first.get(database));
    expect(first.get(database)).not.toBe(second.get(database));
  });

  test("may use others, of its scope or a longer one", () => {
    const host = new ServiceContainer([
      register(model, "actor", (services) => new Named(`model on ${services.get(database).name}`)),
      register(database),
    ]);

    expect(host.actorScope().get(model).name).toBe("model on database");
  });

  test("of a job takes the place of the host's, for that job only", () => {
    const host = new ServiceContainer([register(database), register(rules)]);
    const job = new ServiceContainer([{ token: database, value: new Named("the job's") }], host);

    expect(job.actorScope().get(database).name).toBe("the job's");
    expect(job.get(rules)).toBe(host.get(rules));
    expect(host.get(database).name).toBe("database");
  });

  test("of one container is not known to another", () => {
    new ServiceContainer([register(database)]);

    expect(() => new ServiceContainer([]).get(database)).toThrow(
      expect.objectContaining({ code: "ERR_RT_SERVICE_UNKNOWN" }),
    );
  });
});

describe("asking for a service fails", () => {
  test("when it was not registered, naming those that were", () => {
    const job = new ServiceContainer([register(model)], new ServiceContainer([register(database)]));

    const asking = () => job.actorScope().get(rules);

    expect(asking).toThrow(expect.objectContaining({ code: "ERR_RT_SERVICE_UNKNOWN" }));
    expect(asking).toThrow('service "rules" is not registered: registered are database, model');
  });

  test("when its factory throws, with the cause, and is tried again the next time", () => {
    const cause = new Error("no connection");
    let attempts = 0;
    const host = new ServiceContainer([
      register(database, "host", () => {
        attempts += 1;
        if (attempts === 1) throw cause;
        return new Named("connected");
      }),
    ]);

    expect(() => host.get(database)).toThrow(expect.objectContaining({ code: "ERR_RT_SERVICE_FAILED", cause }));
    expect(host.get(database).name).toBe("connected");
  });

  test("when services need each other, naming the chain", () => {
    const host = new ServiceContainer([
      register(rules, "host", (services) => services.get(database)),
      register(database, "host", (services) => services.get(model)),
      register(model, "host", (services) => services.get(database)),
    ]);

    expect(() => host.get(rules)).toThrow(
      expect.objectContaining({ code: "ERR_RT_SERVICE_CYCLE", details: { chain: ["database", "model", "database"] } }),
    );
  });

  test("when a service of a host asks for one of an actor, which would end before it", () => {
    const host = new ServiceContainer([
      register(database, "host", (services) => services.get(model)),
      register(model, "actor"),
    ]);

    expect(() => host.actorScope().get(database)).toThrow(
      expect.objectContaining({ code: "ERR_RT_SERVICE_SCOPE", details: { name: "model", askedBy: ["database"] } }),
    );
  });

  test("when its scope has ended", async () => {
    const host = new ServiceContainer([register(database)]);
    const actor = host.actorScope();
    await host.dispose();

    for (const ended of [host, actor]) {
      expect(() => ended.get(database)).toThrow(expect.objectContaining({ code: "ERR_RT_SERVICES_DISPOSED" }));
    }
  });

  test("and registering a token twice is refused", () => {
    expect(() => new ServiceContainer([register(database), register(database)])).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
  });
});

describe("disposing", () => {
  test("ends what was made in reverse order, one after the other, actors first", async () => {
    const log: string[] = [];
    const host = new ServiceContainer([
      register(database, "host", () => disposable(log, "database")),
      register(model, "host", (services) => disposable(log, `model on ${services.get(database).name}`)),
      register(rules, "actor", () => disposable(log, "rules")),
    ]);
    host.get(model);
    host.actorScope().get(rules);

    await host.dispose();

    expect(log).toEqual([
      "rules begins",
      "rules ends",
      "model on database begins",
      "model on database ends",
      "database begins",
      "database ends",
    ]);
  });

  test("of an actor's scope leaves the host's services alone", async () => {
    const log: string[] = [];
    const host = new ServiceContainer([
      register(database, "host", () => disposable(log, "database")),
      register(rules, "actor", () => disposable(log, "rules")),
    ]);
    {
      await using actor = host.actorScope();
      actor.get(database);
      actor.get(rules);
    }

    expect(log).toEqual(["rules begins", "rules ends"]);
  });

  test("goes on when one throws, and reports all that threw", async () => {
    const log: string[] = [];
    const failures = [new Error("first"), new Error("second")] as const;
    const host = new ServiceContainer([
      register(database, "host", () => disposable(log, "database", failures[0])),
      register(model, "host", () => disposable(log, "model")),
      register(rules, "host", () => disposable(log, "rules", failures[1])),
    ]);
    for (const token of [database, model, rules]) host.get(token);

    const disposal = host.dispose();

    await expect(disposal).rejects.toMatchObject({
      code: "ERR_RT_SERVICE_DISPOSE",
      details: { names: ["rules", "database"] },
      cause: { errors: [failures[1], failures[0]] },
    });
    expect(log).toContain("model ends");
  });

  test("calls Symbol.dispose where there is no other, and once only", async () => {
    let count = 0;
    const service = Object.assign(new Named("plain"), {
      [Symbol.dispose]() {
        count += 1;
      },
    });
    const host = new ServiceContainer([register(database, "host", () => service)]);
    host.get(database);

    await Promise.all([host.dispose(), host.dispose()]);

    expect(count).toBe(1);
  });

  test("leaves what was not made here to its maker, and what was never asked for unmade", async () => {
    const log: string[] = [];
    const host = new ServiceContainer([
      { token: database, value: disposable(log, "database") },
      register(model, "host", () => disposable(log, "model")),
    ]);
    host.get(database);

    await host.dispose();

    expect(log).toEqual([]);
  });
});
