import { describe, expect, test } from "vitest";
import {
  type CallContext,
  forEach,
  fromIterable,
  generate,
  type ProcessContext,
  type SourceSpec,
  textLines,
} from "../../actors/index.ts";
import { SystemClock, serviceToken } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import type { Job } from "../job-builder.ts";
import type { JobRun } from "./job-run.ts";

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

const clock = new SystemClock();

/** A round of the event loop, in which the cells have had their turns. */
const round = () => new Promise<void>((resolve) => clock.soon(resolve));

/** Runs an inline job on the calling thread to its end. */
async function run(build: (job: Job) => void): Promise<JobRun> {
  await using system = await ActorSystem.start();
  const handle = await system.submit(defineJob("inline", build));
  await handle.completed;
  return handle;
}

/** Starts an inline job and leaves it running. */
async function submit(system: ActorSystem, build: (job: Job) => void): Promise<JobRun> {
  return system.submit(defineJob("inline", build));
}

/** The codes of an error and its causes, outermost first. */
function codes(error: unknown): unknown[] {
  return error instanceof Error ? [(error as { code?: unknown }).code ?? error.name, ...codes(error.cause)] : [];
}

async function failure(build: (job: Job) => void): Promise<Error> {
  const error = await run(build).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe("a job on the calling thread", () => {
  test("forks, maps, filters and unites streams", async () => {
    const handle = await run((job) => {
      const numbers = job.source("numbers", fromIterable(range(10)));
      const odd = numbers.filter("odd", (value) => value % 2 === 1).map("tens", (value) => value * 10);
      const even = numbers.filter("even", (value) => value % 2 === 0);
      odd.union(even).collect("all");
    });

    expect([...handle.collected<number>("all")].sort((left, right) => left - right)).toEqual([
      0, 2, 4, 6, 8, 10, 30, 50, 70, 90,
    ]);
  });

  test("splits a stream into named ones", async () => {
    const handle = await run((job) => {
      const lanes = job
        .source("numbers", fromIterable(range(10)))
        .split("size", { small: (value) => value < 3, large: "otherwise" });
      lanes.small.collect("small");
      lanes.large.collect("large");
    });

    expect(handle.collected("small")).toEqual([0, 1, 2]);
    expect(handle.collected("large")).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  test.each([
    ["shuffle", [4, 4, 4]],
    ["broadcast", [12, 12, 12]],
    ["toOne", [12, 0, 0]],
    ["leastLoaded", [4, 4, 4]],
  ] as const)("spreads events over instances by %s", async (grouping, expected) => {
    const handle = await run((job) => {
      const numbers = job.source("numbers", fromIterable(range(12)));
      numbers[grouping]()
        .map("copy", (value) => value, { parallelism: 3 })
        .toOne()
        .collect("all");
    });

    const copy = (await handle.report()).operators.find(({ name }) => name === "copy");
    expect(copy?.instances.map((instance) => instance.in)).toEqual(expected);
    expect(handle.collected("all")).toHaveLength(grouping === "broadcast" ? 36 : 12);
  });

  test("gives the least loaded instance the most, when another one is stuck", async () => {
    await using system = await ActorSystem.start();
    const stuck = Promise.withResolvers<void>();
    let next = 0;
    const handle = await submit(system, (job) => {
      job
        .source("numbers", generate({ count: 1_000, rate: 100_000 }))
        .leastLoaded()
        .mapAsync(
          "work",
          (value, context: CallContext) =>
            context.instance === 0 && next++ < 1 ? stuck.promise.then(() => value) : value,
          { parallelism: 2, concurrency: 1 },
        )
        .tap("done", (value) => value === 999 && stuck.resolve())
        .toOne()
        .collect("all");
    });
    await handle.completed;

    const [slow, fast] = (await handle.report()).operators.find(({ name }) => name === "work")?.instances ?? [];
    expect(handle.collected("all")).toHaveLength(1_000);
    expect(fast?.in).toBeGreaterThan(0);
    expect(slow?.in ?? 0).toBeLessThanOrEqual(fast?.in ?? 0);
  });

  test("sends each key to one instance, and by an author's own rule", async () => {
    const handle = await run((job) => {
      const numbers = job.source("numbers", fromIterable(range(100)));
      numbers
        .keyBy((value) => value % 5)
        .process<string>(
          "by-key",
          () => ({
            onEvent: (value: number, context: ProcessContext<string>) =>
              context.emit(`${value % 5}@${context.instance}`),
          }),
          { parallelism: 3 },
        )
        .toOne()
        .collect("keys");
      numbers
        .partitionBy((value) => (value < 10 ? 1 : 0))
        .map("by-rule", (value) => value, { parallelism: 2 })
        .toOne()
        .collect("rule");
    });

    expect(new Set(handle.collected("keys")).size).toBe(5);
    expect(handle.collected("keys")).toHaveLength(100);
    const byRule = (await handle.report()).operators.find(({ name }) => name === "by-rule");
    expect(byRule?.instances.map((instance) => instance.in)).toEqual([90, 10]);
  });

  test("counts by key over several instances", async () => {
    const handle = await run((job) => {
      job
        .source("numbers", generate({ count: 10_000 }), { parallelism: 2 })
        .keyBy((value) => value % 7)
        .count("count", { parallelism: 3, emit: "end" })
        .toOne()
        .collect("counts");
    });

    const counts = handle.collected<{ key: number; count: number }>("counts");
    expect(counts).toHaveLength(7);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  });

  test("waits for what works asynchronously before it ends", async () => {
    const handle = await run((job) => {
      job
        .source("numbers", fromIterable(range(50)))
        .mapAsync("ask", async (value) => value + 1, { concurrency: 4 })
        .throttle("slowly", 50_000, "1s")
        .collect("all");
    });

    expect(handle.collected("all")).toEqual(range(50).map((value) => value + 1));
  });

  test("sees the params it was submitted with", async () => {
    await using system = await ActorSystem.start();
    const job = defineJob("with-params", (build, { count }: { count: number }) => {
      build.source("numbers", generate({ count })).collect("all");
    });

    const handle = await system.submit(job, { params: { count: 3 } });
    await handle.completed;
    expect(handle.collected("all")).toEqual([0, 1, 2]);
  });

  test("makes services once per host or per instance, and disposes them at its end", async () => {
    const log: string[] = [];
    const [shared, own] = [serviceToken<object>("shared"), serviceToken<object>("own")];
    const make = (name: string) => () => {
      log.push(`make ${name}`);
      return { [Symbol.dispose]: () => void log.push(`dispose ${name}`) };
    };
    await run((job) => {
      job.provide(shared, make("shared"));
      job.provide(own, make("own"), { scope: "actor" });
      job
        .source("numbers", fromIterable(range(4)))
        .shuffle()
        .map(
          "use",
          (value, { services }) => {
            services.get(shared);
            services.get(own);
            return value;
          },
          { parallelism: 2 },
        )
        .toOne()
        .collect("all");
    });

    expect(log.filter((line) => line === "make shared")).toHaveLength(1);
    expect(log.filter((line) => line === "make own")).toHaveLength(2);
    expect(log.filter((line) => line === "dispose own")).toHaveLength(2);
    expect(log.at(-1)).toBe("dispose shared");
  });

  test("completes also when a service fails at its end", async () => {
    const token = serviceToken<object>("grumpy");
    const handle = await run((job) => {
      job.provide(token, () => ({
        [Symbol.dispose]: () => {
          throw new Error("no");
        },
      }));
      job
        .source("numbers", fromIterable(range(4)))
        .tap("use", (_value, { services }) => services.get(token))
        .collect("all");
    });

    expect(handle.status).toBe("completed");
  });
});

describe("an output", () => {
  test("is iterated with for await until the job ends", async () => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, (job) => job.source("numbers", fromIterable(range(5_000))).output("live"));

    const seen: unknown[] = [];
    for await (const event of handle.output("live")) seen.push(event);

    expect(seen).toEqual(range(5_000));
    expect((await handle.completed).status).toBe("completed");
  });

  test("that is not read stops the source; a loop broken off can be taken up again without a gap", async () => {
    await using system = await ActorSystem.start();
    let read = 0;
    const counted: SourceSpec<number> = fromIterable(function* () {
      for (; read < 100_000; read += 1) yield read;
    });
    const handle = await system.submit(
      defineJob("bounded", (job) => job.source("numbers", counted).output("live")),
      { creditEvents: 1_000 },
    );
    const first: unknown[] = [];
    for await (const event of handle.output("live")) {
      first.push(event);
      if (first.length === 10) break;
    }
    // Everything between source and loop: the credit of the channel, the queue, and a batch in each hand on the way.
    expect(read).toBeLessThan(20_000);
    const rest: unknown[] = [];
    for await (const event of handle.output("live")) {
      rest.push(event);
      if (rest.length === 90) break;
    }

    expect([...first, ...rest]).toEqual(range(100));
    expect(read).toBeLessThan(20_000);
    await handle.cancel();
    expect((await handle.completed).status).toBe("cancelled");
  });

  test("fails its loop with the job", async () => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, (job) => {
      job.supervision("stop");
      job
        .source("numbers", fromIterable(range(10)))
        .map("bad", (value) => {
          if (value === 3) throw new Error("three");
          return value;
        })
        .output("live");
    });

    const seen: unknown[] = [];
    const ended = (async () => {
      for await (const event of handle.output("live")) seen.push(event);
    })();

    await expect(ended).rejects.toMatchObject({ code: "ERR_JOB_FAILED" });
  });
});

describe("a run", () => {
  const endless = (job: Job) => job.source("numbers", generate({ rate: 10_000 })).collect("all");

  test("stops the source while a sink does not take more", async () => {
    await using system = await ActorSystem.start();
    const gate = Promise.withResolvers<void>();
    let emitted = 0;
    const handle = await system.submit(
      defineJob("slow-sink", (job) => {
        job
          .source("numbers", generate({ count: 200_000, from: (index) => emitted++ + index }))
          .map("copy", (value) => value)
          .shuffle()
          .sink(
            "slow",
            forEach(() => gate.promise, { concurrency: 1 }),
          );
      }),
      { creditEvents: 2_000 },
    );
    await handle.started;
    let before = -1;
    while (before !== emitted) {
      before = emitted;
      for (let times = 0; times < 20; times += 1) await round();
    }

    expect(emitted).toBeGreaterThan(0);
    expect(emitted).toBeLessThan(2_000 + 20_000);
    await handle.cancel();
  });

  test("drains: what was read is finished, then it completes", async () => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, endless);
    await handle.started;
    while (handle.collected("all").length < 100) await round();

    const report = await handle.drain();

    const taken = handle.collected("all").length;
    expect(report.status).toBe("completed");
    expect(report.operators.map(({ total }) => total.in + total.out)).toEqual([taken, taken]);
    expect(handle.collected("all")).toEqual(range(taken));
  });

  test.each([
    ["cancel()", async (handle: JobRun) => handle.cancel()],
    ["await using", async (handle: JobRun) => handle[Symbol.asyncDispose]()],
  ])("ends at once by %s, also while it starts and more than once", async (_name, end) => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, endless);

    await Promise.all([end(handle), end(handle)]);

    expect((await handle.completed).status).toBe("cancelled");
    expect((await handle.drain()).status).toBe("cancelled");
    expect(system.runs).toEqual([]);
  });

  test("ends by an abort signal, before or after its start", async () => {
    await using system = await ActorSystem.start();
    const abort = new AbortController();
    const job = defineJob("aborted", endless);
    const handle = await system.submit(job, { signal: abort.signal });
    await handle.started;

    abort.abort();
    expect((await handle.completed).status).toBe("cancelled");
    const second = await system.submit(job, { signal: abort.signal });
    expect((await second.completed).status).toBe("cancelled");
  });

  test("has a name of its own in its system, until it has ended", async () => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, endless);

    await expect(submit(system, endless)).rejects.toMatchObject({ code: "ERR_JOB_NAME_TAKEN" });
    await handle.cancel();
    await (await submit(system, endless)).cancel();
  });

  test("answers several reports at once", async () => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, endless);
    await handle.started;
    while (handle.collected("all").length < 10) await round();

    const reports = await Promise.all([handle.report(), handle.report(), handle.report()]);
    for (const { operators } of reports) expect(operators[0]?.total.out).toBeGreaterThanOrEqual(10);
    await handle.cancel();
  });

  test("knows its operators as actors, and names those it has when asked for another", async () => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, (job) => {
      job.source("numbers", generate({ rate: 1_000 })).process<number>("sum", () => {
        let sum = 0;
        return {
          onEvent: (value: number) => {
            sum += value;
          },
          onMessage: (message: unknown) => (message === "sum" ? typeof sum : undefined),
        };
      });
    });
    await handle.started;

    expect(await handle.actor("sum").ask("sum", { timeout: "5s" })).toBe("number");
    await expect(handle.actor("numbers").ask("sum", { timeout: "5s" })).rejects.toMatchObject({
      code: "ERR_RT_UNHANDLED_MESSAGE",
    });
    for (const ask of [() => handle.actor("sun"), () => handle.actor("sum", 1), () => handle.output("sum")]) {
      expect(ask).toThrow(expect.objectContaining({ code: "ERR_JOB_OPERATOR_UNKNOWN" }));
    }
    await handle.cancel();
  });

  test("on threads needs a module, and params that can cross", async () => {
    await using system = await ActorSystem.start({ threads: 1 });

    await expect(submit(system, endless)).rejects.toMatchObject({ code: "ERR_JOB_NO_MODULE" });
    const params = { rules: [{ test: () => true }] };
    const job = defineJob("params", import.meta.url, (build, _params: typeof params) => endless(build));
    await expect(system.submit(job, { params })).rejects.toMatchObject({
      code: "ERR_RT_NOT_PLAIN_DATA",
      message: expect.stringContaining("params.rules[0].test"),
    });
  });
});

describe("a job fails", () => {
  const throwing = (job: Job, supervision: "stop" | "escalate") =>
    job
      .source("numbers", fromIterable(range(10)))
      .map(
        "bad",
        (value) => {
          if (value === 3) throw new TypeError("three is not allowed");
          return value;
        },
        { supervision },
      )
      .collect("all");

  test.each(["stop", "escalate"] as const)(
    "with what an operator threw, by %s, and stops its other cells",
    async (directive) => {
      await using system = await ActorSystem.start();
      const stopped: string[] = [];
      system.on("actor-stopped", ({ path }) => void stopped.push(path));
      const handle = await submit(system, (job) => throwing(job, directive));

      const error = await handle.completed.catch((reason: unknown) => reason);

      expect(codes(error)).toEqual(["ERR_JOB_FAILED", "ERR_RT_ESCALATED", "ERR_ACT_OPERATOR_FAILED", "TypeError"]);
      expect((error as Error).message).toContain("three is not allowed");
      expect(stopped.map((path) => path.replace("millrace://millrace/inline/", "")).sort()).toEqual([
        "all/0",
        "bad/0",
        "numbers/0",
      ]);
      expect(handle.status).toBe("failed");
      expect(system.runs).toEqual([]);
    },
  );

  test("when the restarts of an operator are spent", async () => {
    const error = await failure((job) => {
      job
        .source("numbers", fromIterable(range(100)))
        .map(
          "bad",
          () => {
            throw new Error("always");
          },
          { supervision: { otherwise: "restart", restarts: { max: 2 }, whenSpent: "stop", backoff: { max: "10ms" } } },
        )
        .collect("all");
    });

    expect(codes(error)).toEqual(["ERR_JOB_FAILED", "ERR_RT_ESCALATED", "ERR_ACT_OPERATOR_FAILED", "Error"]);
  });

  test("at once when its file is missing", async () => {
    const error = await failure((job) => job.source("lines", textLines("/no/such/file")).collect("all"));

    expect(codes(error).slice(0, 2)).toEqual(["ERR_JOB_FAILED", "ERR_ACT_SOURCE_FAILED"]);
    expect(error.message).toContain("/no/such/file");
  });

  test("when an operator throws in its constructor", async () => {
    class Bad {
      constructor() {
        throw new Error("no way");
      }
      onEvent(): void {}
    }
    const error = await failure((job) => {
      job.source("numbers", fromIterable(range(3))).process("bad", Bad);
    });

    expect(codes(error)).toContain("ERR_ACT_PROCESS");
    expect(error.message).toContain("no way");
  });

  test.each(["stop", "escalate"] as const)("when its source fails while it reads, by %s", async (directive) => {
    const error = await failure((job) => {
      job
        .source(
          "numbers",
          fromIterable(function* () {
            yield 1;
            throw new RangeError("torn");
          }),
          { supervision: directive },
        )
        .collect("all");
    });

    expect(codes(error)).toContain("ERR_ACT_SOURCE_FAILED");
    expect(codes(error).at(-1)).toBe("RangeError");
  });

  test("when a source goes on failing although its errors are to be resumed", async () => {
    const error = await failure((job) => {
      job
        .source(
          "numbers",
          fromIterable(function* () {
            yield 1;
            throw new RangeError("torn");
          }),
          { supervision: { otherwise: "resume", restarts: { max: 2 }, backoff: { max: "10ms" } } },
        )
        .collect("all");
    });

    expect(codes(error)).toContain("ERR_ACT_SOURCE_FAILED");
  });
});

describe("an operator that resumes", () => {
  test("loses only the events it fails at; each is a dead letter with its error", async () => {
    await using system = await ActorSystem.start();
    const handle = await submit(system, (job) => {
      job
        .source("numbers", generate({ count: 100_000 }))
        .map(
          "picky",
          (value) => {
            if (value % 10_000 === 7) throw new RangeError(`not ${value}`);
            return value;
          },
          { supervision: "resume" },
        )
        .keyBy((value) => value % 3)
        .count("count", { emit: "end", parallelism: 2 })
        .toOne()
        .collect("counts");
    });
    await handle.completed;

    const counts = handle.collected<{ count: number }>("counts");
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(99_990);
    expect(system.deadLetters.newest().map(({ value, error }) => `${value}: ${error.message}`)).toEqual(
      range(10).map((index) => `${index * 10_000 + 7}: not ${index * 10_000 + 7}`),
    );
  });
});
