import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventDeadLetter } from "../../actors/index.ts";
import { toWire, VirtualClock } from "../../runtime/index.ts";
import type { RunReport, RunStatus } from "../run/run-report.ts";
import type { CliContext, CliRun } from "./cli-context.ts";
import { runProgram } from "./program.ts";

let folder: string;
let job: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-run-command-"));
  job = join(folder, "sample.job.ts");
  const [define, specs] = ["../define-job.ts", "../fixtures/sample-specs.ts"].map((path) =>
    JSON.stringify(new URL(path, import.meta.url).href),
  );
  await writeFile(
    job,
    `import { defineJob } from ${define};
     import { sampleSink, sampleSource } from ${specs};
     export default defineJob("traffic", import.meta.url, (job, { lanes = 1 }) => {
       const stream = job.source("sensor", sampleSource(), { parallelism: lanes });
       stream.output("live");
       stream.collect("all");
     });`,
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("millrace run ends with", () => {
  test("code 0 and a summary when the job has completed", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job, "--threads", "3", "--param", "lanes=2");
    await run.submitted;
    run.end("completed");

    const { exitCode, err } = await ended;
    expect(exitCode).toBe(0);
    expect(err).toBe("traffic completed in 2.0s: 1,000 events, 500/s\n");
    expect(run.calls).toEqual(["start 3", 'submit {"params":{"lanes":2},"guarantee":"at-most-once"}', "stop"]);
  });

  test("code 0 under the guarantee and the epoch interval that were asked for", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job, "--guarantee", "exactly-once", "--epoch-interval", "50ms");
    await run.submitted;
    run.end("completed");

    expect((await ended).exitCode).toBe(0);
    expect(run.calls[1]).toBe('submit {"params":{},"guarantee":"exactly-once","epochInterval":"50ms"}');
  });

  test("code 0 when it began from a savepoint, and left behind what it was allowed to", async () => {
    const run = new FakeRun();
    const start = ["--from", "v1", "--allow-dropped", "old", "--allow-dropped", "older"];
    const ended = millrace(run, "run", job, "--storage", "./data", "--in-process", ...start);
    await run.submitted;
    run.end("completed");

    expect((await ended).exitCode).toBe(0);
    expect(run.calls[1]).toMatch(/"storage":".\/data","from":"v1","allowDropped":\["old","older"\]/);
  });

  test("code 2 when it is to begin from a savepoint of no storage", async () => {
    const run = new FakeRun();

    expect((await millrace(run, "run", job, "--from", "v1")).exitCode).toBe(2);
    expect(run.calls).toEqual([]);
  });

  test("code 1 and the chain of causes when it has failed", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job);
    await run.submitted;
    run.fail(new Error("the job failed", { cause: new TypeError("no such field") }));

    const { exitCode, err } = await ended;
    expect(exitCode).toBe(1);
    expect(err).toBe("error Error: the job failed\n  caused by TypeError: no such field\n");
    expect(run.calls.at(-1)).toBe("stop");
  });

  test.each([
    ["2 when the submit refuses it: nothing was started", "ERR_JOB_STORAGE_LOCKED", 2],
    ["1 when what is stored is damaged", "ERR_JOB_STORAGE_DAMAGED", 1],
  ] as const)("code %s", async (_, code, expected) => {
    const run = new FakeRun();
    run.submitError = Object.assign(new Error("not with this storage"), { code });

    expect(await millrace(run, "run", job, "--storage", "./data", "--in-process")).toMatchObject({
      exitCode: expected,
      err: `error ${code}: not with this storage\n`,
    });
    expect(run.calls.at(-1)).toBe("stop");
  });

  test("code 1 when the system does not start", async () => {
    const run = new FakeRun();
    run.startError = new Error("no threads");

    expect(await millrace(run, "run", job)).toMatchObject({ exitCode: 1, err: "error Error: no threads\n" });
  });

  test("code 0 when one signal has drained it", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job);
    await run.submitted;
    run.signal();
    run.end("completed");

    const { exitCode, err } = await ended;
    expect(exitCode).toBe(0);
    expect(err).toMatch(/^draining: .*once more to cancel\ntraffic completed/);
    expect(run.calls).toContain("drain");
    expect(run.calls).not.toContain("cancel");
  });

  test("code 0 when one signal has stopped one with a storage, which prints what it collected when it completes", async () => {
    const run = new FakeRun();
    run.collectedEvents = [1];
    const ended = millrace(run, "run", job, "--in-process", "--storage", "./data");
    await run.submitted;
    run.signal();
    run.end("stopped");

    const { exitCode, out, err } = await ended;
    expect([exitCode, out]).toEqual([0, ""]);
    expect(err).toMatch(
      /^stopping: .*once more to cancel\ntraffic stopped in .*\nstopped at its last checkpoint; the same command goes on from there/,
    );
    expect(run.calls).toContain("stop at a checkpoint");
    expect(run.calls).not.toContain("drain");
  });

  test("code 130 when a second signal has cancelled it; a third is left to the process", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job);
    await run.submitted;
    run.signal();
    run.signal();
    expect(run.isListening).toBe(false);
    run.end("cancelled");

    const { exitCode, err } = await ended;
    expect(exitCode).toBe(130);
    expect(err).toMatch(/\ncancelling\ntraffic cancelled in 2\.0s/);
    expect(run.calls.slice(2)).toEqual(["drain", "cancel", "stop"]);
  });

  test("code 2 when the input is wrong, and starts nothing", async () => {
    const run = new FakeRun();

    expect((await millrace(run, "run", job, "--param", "lanes=0")).exitCode).toBe(2);
    expect((await millrace(run, "run", join(folder, "none.ts"))).exitCode).toBe(2);
    expect(run.calls).toEqual([]);
  });
});

describe("behind the summary stands of dead letters", () => {
  test("why there are any: by operator and error, with one of each", async () => {
    const run = new FakeRun();
    run.letters = [
      letter("parse", new SyntaxError("no JSON"), "a"),
      letter("check", new RangeError("too much\nby far"), { cents: 1 }),
      letter("parse", new SyntaxError("no JSON either"), "b"),
    ];
    run.letterCount = 5;
    const ended = millrace(run, "run", job);
    await run.submitted;
    run.end("completed");

    expect((await ended).err.split("\n")).toEqual([
      "traffic completed in 2.0s: 1,000 events, 500/s, 5 dead letters",
      "dead letters  operator  error        one of them  its event",
      '2             parse     SyntaxError  no JSON      "a"',
      '1             check     RangeError   too much     {"cents":1}',
      "... and 2 that were not kept",
      "",
    ]);
  });

  test("of many reasons the five with the most, and how many others there are", async () => {
    const run = new FakeRun();
    run.letters = Array.from({ length: 7 }, (_, operator) =>
      Array.from({ length: operator + 1 }, () => letter(`operator-${operator}`, new Error("no"), operator)),
    ).flat();
    run.letterCount = run.letters.length;
    const ended = millrace(run, "run", job);
    await run.submitted;
    run.end("completed");

    const lines = (await ended).err.trimEnd().split("\n").slice(2);
    expect(lines.map((line) => line.split(/ {2,}/)[1])).toEqual([
      ...[6, 5, 4, 3, 2].map((operator) => `operator-${operator}`),
      undefined,
    ]);
    expect(lines.at(-1)).toBe("... and 3 for 2 other reasons");
  });

  test("the command that lists them, where they are stored; nothing of it with --quiet", async () => {
    const told = await Promise.all(
      [[], ["--quiet"]].map(async (further) => {
        const run = new FakeRun();
        run.letterCount = 1;
        const ended = millrace(run, "run", job, "--storage", "./my data", "--in-process", ...further);
        await run.submitted;
        run.end("completed");
        return (await ended).err.split("\n").slice(1);
      }),
    );

    expect(told).toEqual([
      ['millrace dead-letters list traffic --storage "./my data" tells why there are dead letters', ""],
      [],
    ]);
  });
});

describe("while a job runs", () => {
  test("a terminal shows one line that is written over and erased at the end", async () => {
    const run = new FakeRun();
    run.stderrIsTerminal = true;
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(200);
    await run.pass(200);
    run.end("completed");

    const { err } = await ended;
    const line = "\r\u001b[2Ktraffic running 2.0s  1,000 events  500/s";
    expect(err).toBe(`${line}${line}\r\u001b[2Ktraffic completed in 2.0s: 1,000 events, 500/s\n`);
  });

  test("a terminal keeps no half-written line before an error", async () => {
    const run = new FakeRun();
    run.stderrIsTerminal = true;
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(200);
    run.fail(new Error("broken"));

    expect((await ended).err.endsWith("500/s\r\u001b[2Kerror Error: broken\n")).toBe(true);
  });

  test("the end of the run ends the showing, also when a report is on its way", async () => {
    const run = new FakeRun();
    const report = Promise.withResolvers<void>();
    run.reportReady = report.promise;
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(5_000);
    run.end("completed");
    const { err } = await ended;
    report.resolve();
    await run.pass(60_000);

    expect(run.err).toBe(err);
    expect(err).toMatch(/^traffic completed in/);
  });

  test("nothing is left that would keep the process", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job);
    await run.submitted;
    run.end("completed");
    await ended;

    expect(run.hasTimers).toBe(false);
    expect(run.isListening).toBe(false);
  });

  test("the line is cut to the width of the terminal", async () => {
    const run = new FakeRun();
    run.stderrIsTerminal = true;
    run.columns = 20;
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(200);
    run.end("completed");

    expect((await ended).err).toContain("\u001b[2Ktraffic running 2.0\r");
  });

  test("a terminal that does not know its width gets the whole line", async () => {
    const run = new FakeRun();
    run.stderrIsTerminal = true;
    run.columns = 0;
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(200);
    run.end("completed");

    expect((await ended).err).toContain("1,000 events  500/s\r");
  });

  test("anything else gets a plain line every five seconds", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(4_999);
    expect(run.err).toBe("");
    await run.pass(1);
    await run.pass(5_000);
    run.end("completed");

    expect((await ended).err.split("\n").filter((line) => line.startsWith("traffic running"))).toHaveLength(2);
  });

  test("a terminal that the job writes to itself gets plain lines too", async () => {
    const run = new FakeRun();
    run.stderrIsTerminal = true;
    run.stdoutIsTerminal = true;
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(5_000);
    run.end("completed");

    expect((await ended).err).not.toContain("\u001b");
  });

  test("--quiet shows nothing", async () => {
    const run = new FakeRun();
    const ended = millrace(run, "run", job, "--quiet");
    await run.submitted;
    await run.pass(60_000);
    run.end("completed");

    expect((await ended).err).toBe("");
  });

  test("a report that cannot be had does not end the showing", async () => {
    const run = new FakeRun();
    run.reportError = new Error("busy");
    const ended = millrace(run, "run", job);
    await run.submitted;
    await run.pass(5_000);
    run.reportError = undefined;
    await run.pass(5_000);
    run.end("completed");

    expect((await ended).err).toMatch(/^traffic running/);
  });
});

describe("events that reach code of the submitter", () => {
  test("are printed, outputs as they come and collections at the end", async () => {
    const run = new FakeRun();
    run.outputEvents = [{ n: 1 }, "two"];
    run.collectedEvents = [3];
    const ended = millrace(run, "run", job);
    await run.submitted;
    run.end("completed");

    expect((await ended).out).toBe('{"n":1}\ntwo\n3\n');
  });

  test("cancel the run with code 1 when nobody reads them any more", async () => {
    const run = new FakeRun();
    run.outputEvents = [1, 2];
    run.stdoutIsBroken = true;

    const { exitCode, err } = await millrace(run, "run", job);
    expect(exitCode).toBe(1);
    expect(run.calls).toContain("cancel");
    expect(err).toMatch(/error Error: EPIPE\n$/);
  });
});

function letter(operator: string, error: Error, value: unknown): EventDeadLetter {
  return {
    ...{ id: "id", to: `millrace://test/traffic/${operator}/0`, operator, instance: 0, value, resubmittable: true },
    ...{ key: undefined, time: undefined, input: 0, attempts: 1, batchIndex: 0, epoch: 0, atMs: 0 },
    error: toWire(error),
  };
}

/** A system and a run that do what the test says. */
class FakeRun implements CliRun {
  readonly calls: string[] = [];
  readonly #clock = new VirtualClock();
  readonly #submitted = Promise.withResolvers<void>();
  readonly #completed = Promise.withResolvers<RunReport>();
  #listener: (() => void) | undefined;
  out = "";
  err = "";
  stderrIsTerminal = false;
  stdoutIsTerminal = false;
  stdoutIsBroken = false;
  columns = 80;
  outputEvents: readonly unknown[] = [];
  collectedEvents: readonly unknown[] = [];
  letters: readonly EventDeadLetter[] = [];
  letterCount = 0;
  startError: Error | undefined;
  submitError: Error | undefined;
  reportError: Error | undefined;
  reportReady: Promise<void> | undefined;

  get deadLetters() {
    return { list: () => this.letters };
  }

  get submitted(): Promise<void> {
    return this.#submitted.promise;
  }

  get completed(): Promise<RunReport> {
    return this.#completed.promise;
  }

  get isListening(): boolean {
    return this.#listener !== undefined;
  }

  get hasTimers(): boolean {
    return this.#clock.nextDelayMs() !== undefined;
  }

  get context(): CliContext {
    return {
      clock: this.#clock,
      stdout: {
        isTTY: this.stdoutIsTerminal,
        write: (text) => {
          this.out += text;
          return !this.stdoutIsBroken;
        },
        drained: () => Promise.reject(new Error("EPIPE")),
      },
      stderr: {
        isTTY: this.stderrIsTerminal,
        columns: this.columns,
        write: (text) => {
          this.err += text;
        },
      },
      onSignal: (listener) => {
        this.#listener = listener;
        return () => {
          this.#listener = undefined;
        };
      },
      supervise: () => {
        throw new Error("no process in this test");
      },
      startSystem: async ({ threads }) => {
        if (this.startError !== undefined) throw this.startError;
        this.calls.push(`start ${threads}`);
        return {
          submit: async (_definition, options) => {
            if (this.submitError !== undefined) throw this.submitError;
            this.calls.push(`submit ${JSON.stringify(options)}`);
            void this.#settle().then(() => this.#submitted.resolve());
            return this;
          },
          stop: async () => void this.calls.push("stop"),
        };
      },
    };
  }

  signal(): void {
    this.#listener?.();
  }

  /** Lets time pass, and what was called then take effect. */
  async pass(ms: number): Promise<void> {
    this.#clock.advance(ms);
    await this.#settle();
  }

  end(status: RunStatus): void {
    this.#completed.resolve(this.#reportOf(status));
  }

  fail(error: Error): void {
    this.#completed.reject(error);
  }

  async stop(): Promise<void> {
    this.calls.push("stop at a checkpoint");
  }

  async drain(): Promise<void> {
    this.calls.push("drain");
  }

  async cancel(): Promise<void> {
    this.calls.push("cancel");
    this.end("cancelled");
  }

  async report(): Promise<RunReport> {
    await this.reportReady;
    if (this.reportError !== undefined) throw this.reportError;
    return this.#reportOf("running");
  }

  async *output(): AsyncGenerator<unknown> {
    yield* this.outputEvents;
  }

  collected(): readonly unknown[] {
    return this.collectedEvents;
  }

  /** More turns of promises than the command chains. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  #reportOf(status: RunStatus): RunReport {
    const total = { in: 0, out: 1_000, deadLetters: this.letterCount, late: 0, early: 0 };
    const operators = [{ name: "sensor", kind: "source" as const, total, instances: [] }];
    return {
      job: "traffic",
      runId: "run",
      status,
      elapsedMs: 2_000,
      operators,
      lostEvents: 0,
      waitingFor: [],
      hotKeys: [],
      epochs: undefined,
    };
  }
}

async function millrace(run: FakeRun, ...given: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const exitCode = await runProgram(given, run.context, 2);
  return { exitCode, out: run.out, err: run.err };
}
