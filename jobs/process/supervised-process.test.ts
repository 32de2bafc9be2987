import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { type ParentProcess, VirtualClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { orphanLimitMs, processHeartbeatMs } from "../limits.ts";
import type { ProcessMessage, RunOrder, SupervisorMessage } from "./process-protocol.ts";
import { SupervisedProcess } from "./supervised-process.ts";

const jobs = fileURLToPath(new URL("./fixtures/small.job.ts", import.meta.url));

/** The parent, and what the process says to it. */
class FakeParent implements ParentProcess {
  readonly said: ProcessMessage[] = [];
  readonly begun = Promise.withResolvers<void>();
  readonly standsBy = Promise.withResolvers<void>();
  readonly exited = Promise.withResolvers<number>();
  tell: (message: SupervisorMessage) => void = () => undefined;
  die: () => void = () => undefined;

  async send(message: unknown): Promise<void> {
    this.said.push(message as ProcessMessage);
    if ((message as ProcessMessage).kind === "begun") this.begun.resolve();
    if ((message as ProcessMessage).kind === "stands-by") this.standsBy.resolve();
  }

  onMessage(listener: (message: unknown) => void): void {
    this.tell = listener;
  }

  onLost(listener: () => void): void {
    this.die = listener;
  }

  exit(code: number): never {
    this.exited.resolve(code);
    throw new Error("the process has ended");
  }

  get kinds(): readonly string[] {
    return this.said.map(({ kind }) => kind);
  }
}

let parent: FakeParent;
let clock: VirtualClock;
let starts: unknown[];
/** Called while the system prepares itself. */
let onPrepare: () => void;
let printed: unknown[];

beforeEach(() => {
  parent = new FakeParent();
  clock = new VirtualClock();
  starts = [];
  onPrepare = () => undefined;
  printed = [];
  new SupervisedProcess({
    parent,
    clock,
    startSystem: async (module, options) => {
      starts.push(options);
      const system = await ActorSystem.startAhead(module, options);
      const prepare = system.prepare.bind(system);
      system.prepare = async () => {
        onPrepare();
        await prepare();
      };
      return system;
    },
    printEvents: async (events) => {
      for await (const event of events) printed.push(event);
    },
  })
    .run()
    .catch(() => undefined);
});

function orderOf(job: string, more: Partial<RunOrder> = {}): RunOrder {
  return { module: jobs, job, system: { threads: 0 }, submit: {}, outputs: "refuse", ...more };
}

describe("a process", () => {
  test("carries out its order, says what it did, and ends", async () => {
    expect(parent.kinds).toEqual(["ready"]);
    parent.tell({ kind: "run", order: orderOf("collecting") });

    expect(await parent.exited.promise).toBe(0);
    expect(parent.said.slice(1)).toMatchObject([
      { kind: "described", job: { name: "collecting", operators: [{ bounded: true }, { label: "collect" }] } },
      { kind: "begun" },
      { kind: "collected", sink: "all", events: [0, 1, 2] },
      { kind: "ended", report: { status: "completed" } },
    ]);
  });

  test("that has prepared itself says so, and starts nothing twice", async () => {
    const order = orderOf("collecting");
    parent.tell({ kind: "prepare", order });
    await parent.standsBy.promise;
    parent.tell({ kind: "run", order });

    expect(await parent.exited.promise).toBe(0);
    expect(starts).toEqual([{ threads: 0 }]);
  });

  test("says that it stands by when its system has prepared itself, and not when it runs the job by then", async () => {
    let saidWhilePreparing: readonly string[] = [];
    onPrepare = () => {
      saidWhilePreparing = [...parent.kinds];
      parent.tell({ kind: "run", order: orderOf("collecting") });
    };

    parent.tell({ kind: "prepare", order: orderOf("collecting") });

    expect(await parent.exited.promise).toBe(0);
    expect(saidWhilePreparing).toEqual(["ready"]);
    expect(parent.kinds).not.toContain("stands-by");
    expect(parent.kinds.at(-1)).toBe("ended");
  });

  test("says that there is no such job before it has started anything there", async () => {
    parent.tell({ kind: "prepare", order: orderOf("none") });
    parent.tell({ kind: "run", order: orderOf("none") });

    expect(await parent.exited.promise).toBe(1);
    expect(parent.said.at(-1)).toMatchObject({
      kind: "failed",
      stage: "input",
      error: { code: "ERR_JOB_NOT_FOUND" },
    });
  });

  test("says what the job failed by", async () => {
    parent.tell({ kind: "run", order: orderOf("failing") });

    expect(await parent.exited.promise).toBe(1);
    expect(parent.said.at(-1)).toMatchObject({ kind: "failed", stage: "run", error: { code: "ERR_JOB_FAILED" } });
  });

  test("prints an output where that is asked for", async () => {
    parent.tell({ kind: "run", order: orderOf("showing", { outputs: "print" }) });
    expect(await parent.exited.promise).toBe(0);
    expect(printed).toEqual([0, 1, 2]);
  });

  test("refuses an output otherwise, because nobody iterates over it", async () => {
    parent.tell({ kind: "run", order: orderOf("showing") });

    expect(await parent.exited.promise).toBe(1);
    expect(parent.said.at(-1)).toMatchObject({ stage: "input", error: { code: "ERR_JOB_PROCESS_ACCESS" } });
  });

  test("gives a sign of life at its interval", () => {
    clock.advance(processHeartbeatMs * 3);

    expect(parent.kinds).toEqual(["ready", "alive", "alive", "alive"]);
  });

  test("that is told to stop a job without a storage cannot, and goes on until it is told otherwise", async () => {
    parent.tell({ kind: "run", order: orderOf("endless") });
    parent.tell({ kind: "stop" });
    parent.tell({ kind: "cancel" });

    expect(await parent.exited.promise).toBe(0);
    expect(parent.said.at(-1)).toMatchObject({ kind: "ended", report: { status: "cancelled" } });
  });

  test("that is told to drain before its job runs drains it then", async () => {
    parent.tell({ kind: "run", order: orderOf("endless") });
    parent.tell({ kind: "drain" });

    expect(await parent.exited.promise).toBe(0);
    expect(parent.said.at(-1)).toMatchObject({ kind: "ended", report: { status: "completed" } });
  });
});

describe("a process without parent", () => {
  test("ends at once when it has no order", () => {
    expect(() => parent.die()).toThrow("the process has ended");
  });

  test("cancels its job and ends", async () => {
    parent.tell({ kind: "run", order: orderOf("endless") });
    await parent.begun.promise;
    parent.die();

    expect(await parent.exited.promise).toBe(0);
    expect(parent.said.at(-1)).toMatchObject({ kind: "ended", report: { status: "cancelled" } });
  });

  test("ends after its limit, however far it is", async () => {
    parent.tell({ kind: "run", order: orderOf("endless") });
    await Promise.resolve();
    await Promise.resolve();
    parent.die();

    expect(() => clock.advance(orphanLimitMs)).toThrow("the process has ended");
    expect(await parent.exited.promise).toBe(1);
  });
});
