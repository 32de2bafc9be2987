import { beforeEach, describe, expect, test } from "vitest";
import { type LogLevel, toWire, VirtualClock } from "../../runtime/index.ts";
import {
  cancelLimitMs,
  processAsksMax,
  processHeartbeatMs,
  standbyAgainDelayMs,
  standbyBackoffMsMin,
  standbyDelayMs,
} from "../limits.ts";
import type { RunReport } from "../run/run-report.ts";
import { StorageLockedError } from "../store/storage-error.ts";
import { FakeLauncher } from "./fixtures/fake-launcher.ts";
import type { ProcessFact } from "./process-facts.ts";
import type { RunOrder } from "./process-protocol.ts";
import { SupervisedRun } from "./supervised-run.ts";

const order: RunOrder = { module: "file:///job.ts", job: "fake", system: {}, submit: {}, outputs: "refuse" };
const report: RunReport = {
  job: "fake",
  runId: "1",
  status: "completed",
  elapsedMs: 1,
  operators: [],
  lostEvents: 0,
  waitingFor: [],
  hotKeys: [],
  epochs: undefined,
};
const hangLimitMs = 10_000;

let clock: VirtualClock;
let launcher: FakeLauncher;
let run: SupervisedRun;
let facts: ProcessFact[];
let written: string;
let logged: string[];

beforeEach(() => {
  clock = new VirtualClock();
  facts = [];
  written = "";
  logged = [];
  create({ standby: false });
});

function create({ standby }: { readonly standby: boolean }): void {
  launcher = new FakeLauncher();
  run = new SupervisedRun("fake", {
    order,
    storage: "./data",
    policy: {
      restartsMax: 2,
      restartsWithinMs: 60_000,
      backoff: { minMs: 100, maxMs: 1_000, factor: 2, jitter: 0, resetAfterMs: 30_000 },
    },
    hangLimitMs,
    standby,
    module: "file:///process-main.ts",
    launcher,
    clock,
    random: { next: () => 0.5, id: () => "id" },
    logger: { log: (_level: LogLevel, message: string) => void logged.push(message) },
    writeErrorText: (text) => {
      written += text;
    },
    storedEpoch: () => 7,
  });
  run.on("process-begun", (fact) => facts.push(fact));
  run.on("process-lost", (fact) => facts.push(fact));
  run.on("process-stands-by", (fact) => facts.push(fact));
}

const killed = { kind: "killed", signal: "SIGKILL" } as const;

function endWell(): void {
  launcher.process.say({ kind: "ended", report });
  launcher.process.end({ kind: "exited", code: 0 });
}

describe("a process", () => {
  test("is given its order when it is ready, once", () => {
    expect(launcher.process.received).toEqual([]);

    launcher.process.say({ kind: "ready" }, { kind: "ready" });

    expect(launcher.process.received).toEqual([{ kind: "run", order }]);
  });

  test("that ends the job completes the run, with what it had collected", async () => {
    launcher.process.begin();
    await run.started;
    clock.advance(500);
    launcher.process.say(
      { kind: "collected", sink: "all", events: [1, 2] },
      { kind: "collected", sink: "all", events: [3] },
    );
    endWell();

    expect(await run.completed).toEqual({ ...report, elapsedMs: 500, processElapsedMs: 1, processRestarts: 0 });
    expect(run.status).toBe("completed");
    expect(run.collected("all")).toEqual([1, 2, 3]);
    expect(() => run.collected("none")).toThrow(expect.objectContaining({ code: "ERR_JOB_PROCESS_ACCESS" }));
  });

  test("that fails the job fails the run by the same error, and is not replaced", async () => {
    launcher.process.begin();
    const error = new StorageLockedError("used by process 1", { details: { pid: 1 } });
    launcher.process.say({ kind: "failed", stage: "run", error: toWire(error) });
    launcher.process.end({ kind: "exited", code: 1 });

    await expect(run.completed).rejects.toMatchObject({ code: "ERR_JOB_STORAGE_LOCKED", details: { pid: 1 } });
    expect(launcher.started).toHaveLength(1);
  });

  test("that dies is replaced, and what it had handed over is forgotten", async () => {
    launcher.process.begin();
    launcher.process.say({ kind: "collected", sink: "all", events: ["half of it"] });
    launcher.process.write("out of space\n");
    launcher.process.end(killed);
    expect(run.status).toBe("restarting");
    launcher.process.begin();
    expect(run.status).toBe("running");
    launcher.process.say({ kind: "collected", sink: "all", events: ["all of it"] });
    endWell();

    expect((await run.completed).processRestarts).toBe(1);
    expect(run.collected("all")).toEqual(["all of it"]);
    expect(written).toBe("out of space\n");
    expect(facts).toMatchObject([
      { kind: "process-begun", pid: 100, restarts: 0 },
      {
        kind: "process-lost",
        pid: 100,
        restartInMs: 0,
        error: {
          code: "ERR_JOB_PROCESS_DIED",
          details: { signal: "SIGKILL", exitCode: null, checkpointEpoch: 7, errorText: "out of space\n" },
        },
      },
      { kind: "process-begun", pid: 101, restarts: 1 },
    ]);
  });

  test("that exits with code 0 before the job has ended has died, too", () => {
    launcher.process.begin();
    launcher.process.end({ kind: "exited", code: 0 });

    expect(launcher.started).toHaveLength(2);
    expect(facts.at(-1)).toMatchObject({ error: { message: expect.stringContaining("before the job had ended") } });
  });

  test("that gives no sign of life is killed and replaced; one that does lives on", () => {
    launcher.process.begin();
    for (let beat = 0; beat < 30; beat += 1) {
      clock.advance(processHeartbeatMs);
      launcher.process.say({ kind: "alive" });
    }
    expect(launcher.started).toHaveLength(1);

    for (let waitedMs = 0; waitedMs <= hangLimitMs; waitedMs += processHeartbeatMs) clock.advance(processHeartbeatMs);

    expect(launcher.started[0]?.signals).toEqual(["SIGKILL"]);
    expect(launcher.started).toHaveLength(2);
    expect(facts.at(-1)).toMatchObject({ error: { details: { reason: expect.stringContaining("no sign of life") } } });
  });
});

describe("a process that stands by", () => {
  function begunWithStandby(): void {
    create({ standby: true });
    launcher.process.begin();
    clock.advance(standbyDelayMs);
    launcher.process.say({ kind: "ready" });
  }

  test("is started when one has run for a while, and prepares itself", () => {
    create({ standby: true });
    launcher.process.begin();
    clock.advance(standbyDelayMs - 1);
    expect(launcher.started).toHaveLength(1);
    clock.advance(1);
    launcher.process.say({ kind: "ready" });

    expect(launcher.started).toHaveLength(2);
    expect(launcher.process.received).toEqual([{ kind: "prepare", order }]);
    expect(run.pid).toBe(100);
  });

  test("takes over from one that dies, and is followed by another", async () => {
    begunWithStandby();
    launcher.started[0]?.end(killed);
    expect(launcher.started).toHaveLength(2);
    expect(launcher.process.received.at(-1)).toEqual({ kind: "run", order });
    launcher.process.begin();
    clock.advance(standbyAgainDelayMs);
    expect(launcher.started).toHaveLength(3);

    launcher.started[1]?.say({ kind: "ended", report });
    launcher.started[1]?.end({ kind: "exited", code: 0 });
    expect(await run.completed).toMatchObject({ status: "completed", processRestarts: 1 });
    expect(run.pid).toBeUndefined();
    expect(launcher.started[2]?.signals).toEqual(["SIGKILL"]);
  });

  test("is told of when it has prepared itself, while it stands by", () => {
    begunWithStandby();
    launcher.process.say({ kind: "stands-by" });
    launcher.started[0]?.end(killed);
    launcher.process.say({ kind: "stands-by" });

    expect(facts.filter(({ kind }) => kind === "process-stands-by")).toEqual([{ kind: "process-stands-by", pid: 101 }]);
  });

  test("and dies is no loss: without it the next process is started when it is needed", () => {
    begunWithStandby();
    launcher.process.end(killed);
    expect(run.status).toBe("running");
    launcher.started[0]?.end(killed);

    expect(launcher.started).toHaveLength(3);
    launcher.process.say({ kind: "ready" });
    expect(launcher.process.received).toEqual([{ kind: "run", order }]);
    expect(run.processRestarts).toBe(1);
    clock.advance(standbyDelayMs);
    expect(launcher.started).toHaveLength(3);
  });

  test("and dies is replaced, the first time soon and then after a wait", () => {
    begunWithStandby();
    launcher.process.end(killed);
    clock.advance(standbyDelayMs);
    expect(launcher.started).toHaveLength(3);
    launcher.process.end(killed);
    clock.advance(standbyDelayMs + standbyBackoffMsMin - 1);
    expect(launcher.started).toHaveLength(3);
    clock.advance(1);

    expect(launcher.started).toHaveLength(4);
    expect(facts.map(({ kind }) => kind)).toEqual(["process-begun"]);
    expect(run.processRestarts).toBe(0);
  });

  test("and dies while it takes over is replaced as any process that runs the job", () => {
    begunWithStandby();
    launcher.started[0]?.end(killed);
    launcher.started[1]?.end(killed);
    clock.advance(100);
    launcher.process.begin();

    expect(launcher.started).toHaveLength(3);
    expect(launcher.process.received).toEqual([{ kind: "run", order }]);
    expect(run.processRestarts).toBe(2);
    expect(run.status).toBe("running");
  });

  test("is killed with the run, also when the run is cancelled while it prepares itself", async () => {
    begunWithStandby();
    const cancelled = run.cancel();
    launcher.started[0]?.say({ kind: "ended", report: { ...report, status: "cancelled" } });
    launcher.started[0]?.end({ kind: "exited", code: 0 });
    await cancelled;
    clock.advance(60_000);

    expect(launcher.process.signals).toEqual(["SIGKILL"]);
    expect(launcher.started).toHaveLength(2);
  });

  test("is told to drain behind its order, when that is what the run is about", () => {
    begunWithStandby();
    void run.drain();
    launcher.started[0]?.end(killed);

    expect(launcher.process.received.map(({ kind }) => kind)).toEqual(["prepare", "run", "drain"]);
  });
});

test("one death too many fails the run, and the error names the last death, its cause and the last checkpoint", async () => {
  launcher.process.end(killed);
  launcher.process.end({ kind: "not-started", error: new Error("EAGAIN") });
  expect(launcher.started).toHaveLength(2);
  clock.advance(100);
  expect(launcher.started).toHaveLength(3);
  launcher.process.write("FATAL ERROR: heap out of memory\n");
  launcher.process.end({ kind: "killed", signal: "SIGABRT" });

  const error = await run.completed.catch((reason: unknown) => reason);

  expect(error).toMatchObject({
    code: "ERR_JOB_PROCESS_RESTARTS_SPENT",
    details: { signal: "SIGABRT", checkpointEpoch: 7, storage: "./data", restartsMax: 2 },
    cause: {
      code: "ERR_JOB_PROCESS_DIED",
      message: expect.stringMatching(/aborted.*the last checkpoint in .\/data is that of epoch 7$/),
      details: { errorText: "FATAL ERROR: heap out of memory\n" },
    },
  });
  await expect(run.started).rejects.toBe(error);
  await expect(run.report()).rejects.toBe(error);
});

describe("drain", () => {
  test("is passed on behind the order, and to the process that replaces one that dies meanwhile", async () => {
    const drained = run.drain();
    launcher.process.begin();
    expect(launcher.process.received.map(({ kind }) => kind)).toEqual(["run", "drain"]);
    launcher.process.end(killed);
    launcher.process.begin();
    expect(launcher.process.received.map(({ kind }) => kind)).toEqual(["run", "drain"]);
    expect(run.status).toBe("draining");
    endWell();

    expect((await drained).status).toBe("completed");
  });
});

describe("stop", () => {
  test("is passed on behind the order; what was collected by then can be had", async () => {
    const stopped = run.stop();
    launcher.process.begin();
    expect(launcher.process.received.map(({ kind }) => kind)).toEqual(["run", "stop"]);
    expect(run.status).toBe("stopping");
    launcher.process.say({ kind: "collected", sink: "all", events: [1] });
    launcher.process.say({ kind: "ended", report: { ...report, status: "stopped" } });
    launcher.process.end({ kind: "exited", code: 0 });

    expect((await stopped).status).toBe("stopped");
    expect(run.status).toBe("stopped");
    expect(run.collected("all")).toEqual([1]);
  });

  test("completes a job that comes to its end before", async () => {
    launcher.process.begin();
    const stopped = run.stop();
    endWell();

    expect((await stopped).status).toBe("completed");
  });

  test("ends with a process that dies meanwhile: the last checkpoint is what the job goes on from", async () => {
    launcher.process.begin();
    const stopped = run.stop();
    launcher.process.end(killed);

    expect((await stopped).status).toBe("stopped");
    expect(launcher.started).toHaveLength(1);
    expect(facts.at(-1)).toMatchObject({ kind: "process-lost", restartInMs: undefined });
  });

  test("between two processes ends the run at once", async () => {
    launcher.process.end(killed);
    launcher.process.end(killed);
    expect((await run.stop()).status).toBe("stopped");
    clock.advance(60_000);

    expect(launcher.started).toHaveLength(2);
  });
});

describe("cancel", () => {
  test("is passed on; the run is over with the process", async () => {
    launcher.process.begin();
    const cancelled = run.cancel();
    expect(launcher.process.received.at(-1)).toEqual({ kind: "cancel" });
    launcher.process.say({ kind: "ended", report: { ...report, status: "cancelled" } });
    launcher.process.end({ kind: "exited", code: 0 });

    await cancelled;
    expect(run.status).toBe("cancelled");
    expect((await run.completed).status).toBe("cancelled");
  });

  test("kills a process that does not end within its limit, and starts no other", async () => {
    launcher.process.begin();
    const cancelled = run.cancel();
    clock.advance(cancelLimitMs);
    await cancelled;

    expect(launcher.process.signals).toEqual(["SIGKILL"]);
    expect(launcher.started).toHaveLength(1);
    expect(run.status).toBe("cancelled");
  });

  test("between two processes ends the run at once", async () => {
    launcher.process.end(killed);
    launcher.process.end(killed);
    await run.cancel();
    clock.advance(60_000);

    expect(launcher.started).toHaveLength(2);
    expect(run.status).toBe("cancelled");
  });
});

describe("what is asked", () => {
  test("a report comes from the process that answers, also when the one that was asked first dies", async () => {
    launcher.process.begin();
    const asked = run.report();
    expect(launcher.process.received.at(-1)).toMatchObject({ kind: "question", question: { kind: "report" } });
    launcher.process.end(killed);
    launcher.process.begin();
    const question = launcher.process.received.at(-1);
    const id = question?.kind === "question" ? question.id : 0;
    launcher.process.say({ kind: "answer", id, value: { ...report, status: "running" } });

    expect(await asked).toMatchObject({ status: "running", processRestarts: 1 });
  });

  test("an ask is answered, refused, or ends at its deadline or with the process", async () => {
    launcher.process.begin();
    const answers = ["a", "b", "c", "d"].map((message, index) =>
      run.ask("counter", 0, message, { timeout: index === 2 ? 10 : "1m" }),
    );
    const settled = Promise.allSettled(answers);
    const ids = launcher.process.received.flatMap((message) => (message.kind === "question" ? [message.id] : []));
    launcher.process.say({ kind: "answer", id: ids[0] ?? 0, value: 5 });
    launcher.process.say({ kind: "refusal", id: ids[1] ?? 0, error: toWire(new TypeError("no")) });
    clock.advance(10);
    launcher.process.end(killed);

    expect(await settled).toMatchObject([
      { value: 5 },
      { reason: { name: "TypeError" } },
      { reason: { code: "ERR_RT_ASK_TIMEOUT" } },
      { reason: { code: "ERR_JOB_PROCESS_ACCESS" } },
    ]);
    await expect(run.ask("counter", 0, "e", { timeout: "1s" })).rejects.toMatchObject({
      code: "ERR_JOB_PROCESS_ACCESS",
    });
  });

  test("asks that wait are bounded", async () => {
    launcher.process.begin();
    const asks = Array.from({ length: processAsksMax + 1 }, () => run.ask("counter", 0, "a", { timeout: "1m" }));
    for (const ask of asks) ask.catch(() => undefined);

    await expect(asks.at(-1)).rejects.toMatchObject({ code: "ERR_JOB_PROCESS_ACCESS" });
    expect(launcher.process.received).toHaveLength(1 + processAsksMax);
  });

  test("what was collected cannot be had before the end", () => {
    launcher.process.begin();

    expect(() => run.collected("all")).toThrow(expect.objectContaining({ code: "ERR_JOB_PROCESS_ACCESS" }));
  });
});

test("a subscriber that throws is logged, and harms nobody", () => {
  run.on("process-lost", () => {
    throw new Error("mine");
  });
  launcher.process.end(killed);

  expect(logged).toEqual(["a subscriber of facts threw"]);
  expect(launcher.started).toHaveLength(2);
});
