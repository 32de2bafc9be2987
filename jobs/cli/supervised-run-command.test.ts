import { describe, expect, test } from "vitest";
import { toWire, VirtualClock } from "../../runtime/index.ts";
import { FakeLauncher } from "../process/fixtures/fake-launcher.ts";
import type { SupervisedModule, SuperviseOptions } from "../process/supervise.ts";
import { SupervisedRun } from "../process/supervised-run.ts";
import type { RunReport } from "../run/run-report.ts";
import type { CliContext } from "./cli-context.ts";
import { runProgram } from "./program.ts";
import { UsageError } from "./usage-error.ts";

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
const last = { epoch: 9, durationMs: 2, barrierMs: 1, alignmentMs: 0, writeMs: 1, stateBytes: 10 };
const epochs = {
  ...{ completed: 1, givenUp: 0, last, average: last, max: last },
  ...{ inFlight: undefined, retainedBytes: 0, pausedForMs: undefined },
};
const killed = { kind: "killed", signal: "SIGKILL" } as const;

/** The command, with a process that does what the test says. */
class Command {
  readonly launcher = new FakeLauncher();
  readonly ordered: { module: SupervisedModule; options: SuperviseOptions<unknown> }[] = [];
  readonly exitCode: Promise<number>;
  out = "";
  err = "";
  storedEpoch = 0;
  #signal: () => void = () => undefined;

  constructor(...given: string[]) {
    const clock = new VirtualClock();
    const context: CliContext = {
      clock,
      stdout: { write: (text) => (this.out += text) },
      stderr: { isTTY: true, columns: 80, write: (text) => (this.err += text) },
      onSignal: (listener) => {
        this.#signal = listener;
        return () => undefined;
      },
      startSystem: () => Promise.reject(new Error("not in this process")),
      supervise: (module, options) => {
        this.ordered.push({ module, options });
        return new SupervisedRun(module.name, {
          order: { module: module.module, job: module.job, system: {}, submit: {}, outputs: module.outputs },
          storage: String(options.storage),
          policy: {
            restartsMax: options.restarts?.max ?? 10,
            restartsWithinMs: 1_000,
            backoff: { minMs: 100, maxMs: 100, factor: 1, jitter: 0, resetAfterMs: 1_000 },
          },
          hangLimitMs: 10_000,
          standby: false,
          module: "file:///process-main.ts",
          launcher: this.launcher,
          clock,
          random: { next: () => 0.5, id: () => "id" },
          logger: { log: () => undefined },
          writeErrorText: module.writeErrorText ?? (() => undefined),
          storedEpoch: () => this.storedEpoch,
        });
      },
    };
    this.exitCode = runProgram(["run", "fake.job.ts", ...given], context, 2);
  }

  /** The process loads the job and begins. */
  async begin(): Promise<void> {
    await settled();
    this.launcher.process.begin();
    await settled();
  }

  signal(): void {
    this.#signal();
  }

  end(status: RunReport["status"]): void {
    this.launcher.process.say({ kind: "ended", report: { ...report, status, epochs } });
    this.launcher.process.end({ kind: "exited", code: 0 });
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

test("with a storage the job runs in a process of its own, under exactly-once; what it collected is printed", async () => {
  const command = new Command(
    "--storage",
    "./data",
    "--param",
    "n=2",
    "--threads",
    "3",
    "--restarts",
    "4/1h",
    "--no-standby",
    "--on-damage",
    "fall-back",
    "--epoch-timeout",
    "5m",
  );
  await command.begin();
  command.launcher.process.say({ kind: "collected", sink: "all", events: [{ a: 1 }, "b"] });
  command.end("completed");

  expect(await command.exitCode).toBe(0);
  expect(command.out).toBe('{"a":1}\nb\n');
  expect(command.err).toMatch(/fake completed in .*\n$/);
  expect(command.ordered).toMatchObject([
    {
      module: { module: "fake.job.ts", outputs: "print" },
      options: {
        storage: { directory: "./data", onDamage: "fall-back" },
        epochTimeout: "5m",
        params: { n: 2 },
        threads: 3,
        guarantee: "exactly-once",
        restarts: { max: 4, within: "1h" },
        standby: false,
      },
    },
  ]);
});

test("a death and what follows it are said, and what the process wrote is passed on", async () => {
  const command = new Command("--storage", "./data");
  await command.begin();
  command.launcher.process.write("warn low on memory\n");
  command.storedEpoch = 12;
  command.launcher.process.end(killed);
  await command.begin();
  command.launcher.process.say({ kind: "collected", sink: "all", events: [1] });
  command.end("completed");

  expect(await command.exitCode).toBe(0);
  expect(command.out).toBe("1\n");
  expect(command.err.split("\n").slice(0, 3)).toEqual([
    "warn low on memory",
    "the process of the job was killed by SIGKILL (process 100); starts again from the checkpoint of epoch 12 now",
    "goes on in process 101",
  ]);
});

describe("the exit code is", () => {
  test("3 when the process died too often, and the last death is printed", async () => {
    const command = new Command("--storage", "./data", "--restarts", "0/1m");
    await command.begin();
    command.launcher.process.end({ kind: "killed", signal: "SIGABRT" });

    expect(await command.exitCode).toBe(3);
    expect(command.err).toMatch(
      /^error ERR_JOB_PROCESS_RESTARTS_SPENT: .*\n {2}caused by ERR_JOB_PROCESS_DIED: .*aborted/,
    );
  });

  test.each([
    ["1 when the job failed", "run", 1],
    ["2 when there is no such job, and nothing was started", "input", 2],
  ] as const)("%s", async (_, stage, exitCode) => {
    const command = new Command("--storage", "./data");
    await settled();
    command.launcher.process.say({ kind: "failed", stage, error: toWire(new UsageError("what was wrong")) });
    command.launcher.process.end({ kind: "exited", code: 1 });

    expect(await command.exitCode).toBe(exitCode);
    expect(command.err).toBe("error ERR_JOB_USAGE: what was wrong\n");
  });

  test("0 after one signal, which stops it, and nothing that it collected is printed before it completes", async () => {
    const command = new Command("--storage", "./data");
    await command.begin();
    command.signal();
    expect(command.launcher.process.received.map(({ kind }) => kind)).toEqual(["run", "stop"]);
    command.launcher.process.say({ kind: "collected", sink: "all", events: [1] });
    command.end("stopped");

    expect([await command.exitCode, command.out]).toEqual([0, ""]);
    expect(command.err).toMatch(
      /fake stopped in .*\nstopped at the checkpoint of epoch 9; the same command goes on from there, and prints .*\n$/,
    );
  });

  test("0 when the process dies while it is being stopped, which is said", async () => {
    const command = new Command("--storage", "./data");
    await command.begin();
    command.signal();
    command.launcher.process.end(killed);

    expect(await command.exitCode).toBe(0);
    expect(command.launcher.started).toHaveLength(1);
    expect(command.err).toMatch(
      /was killed by SIGKILL \(process 100\) while it was being stopped\n(.*\n)stopped at its last checkpoint; /,
    );
  });

  test("130 after a second signal", async () => {
    const command = new Command("--storage", "./data");
    await command.begin();
    command.signal();
    command.signal();
    expect(command.launcher.process.received.map(({ kind }) => kind)).toEqual(["run", "stop", "cancel"]);
    command.end("cancelled");

    expect(await command.exitCode).toBe(130);
  });
});
