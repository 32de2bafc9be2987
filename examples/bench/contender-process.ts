/** The bench's end of a process of contenders: start it, ask for rounds, stop it. Every wait has a time limit. */

import { type ChildProcess, fork } from "node:child_process";
import type { FromContender, Measurement, ToContender } from "./measurement.ts";
import type { WorkloadId } from "./workloads.ts";

const replyTimeoutMs = 180_000;
const stopTimeoutMs = 5_000;

interface Pending {
  readonly resolve: (reply: FromContender) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class ContenderProcess {
  readonly #child: ChildProcess;
  #pending: Pending | undefined;

  private constructor(workload: WorkloadId, names: readonly string[]) {
    this.#child = fork(new URL("./contender-main.ts", import.meta.url), [workload, ...names], {
      execArgv: [...process.execArgv, "--expose-gc"],
      serialization: "advanced",
      // Whatever a contender prints must not stand between the tables.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    this.#child.on("message", (reply: FromContender) => this.#take()?.resolve(reply));
    this.#child.on("error", (error) => this.#take()?.reject(error));
    this.#child.on("exit", (code, signal) => {
      this.#take()?.reject(new Error(`its process ended before it answered (${signal ?? `exit code ${code}`})`));
    });
  }

  /** Resolves when the contenders are set up; rejects when one could not be. */
  static async start(workload: WorkloadId, names: readonly string[]): Promise<ContenderProcess> {
    const started = new ContenderProcess(workload, names);
    try {
      const reply = await started.#reply();
      if (reply.kind === "failed") throw new Error(reply.message);
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** A round of a contender, with so many units before it that do not count. */
  async run(name: string, units: number, unitsBefore: number): Promise<Measurement> {
    const reply = await this.#ask({ kind: "round", name, units, unitsBefore });
    if (reply.kind === "measured") return reply.measurement;
    throw new Error(reply.kind === "failed" ? reply.message : `expected a measurement, got "${reply.kind}"`);
  }

  /** Resolves when the process is gone, by its own will or by ours. */
  async stop(): Promise<void> {
    if (this.#hasEnded()) return;
    const exited = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopTimeoutMs);
    if (this.#child.connected) this.#child.send({ kind: "stop" } satisfies ToContender, () => {});
    await exited;
    clearTimeout(timer);
  }

  #ask(message: ToContender): Promise<FromContender> {
    if (this.#hasEnded() || !this.#child.connected) return Promise.reject(new Error("its process has ended"));
    this.#child.send(message, (error) => {
      if (error !== null) this.#take()?.reject(error);
    });
    return this.#reply();
  }

  #reply(): Promise<FromContender> {
    const { promise, resolve, reject } = Promise.withResolvers<FromContender>();
    const timer = setTimeout(() => {
      this.#take()?.reject(new Error(`no answer within ${replyTimeoutMs / 1000} s`));
      this.#child.kill("SIGKILL");
    }, replyTimeoutMs);
    this.#pending = { resolve, reject, timer };
    return promise;
  }

  #take(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.timer);
    return pending;
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }
}
