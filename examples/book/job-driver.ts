/** JobDriver: does for tests what a person does with two netcats: types lines into a job and reads what comes out. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ActorSystem, type JobRun, type RunReport } from "../../jobs/index.ts";
import { bookJobs } from "./book-jobs.ts";
import { freePorts } from "./demo-feed.ts";

export class JobDriver implements AsyncDisposable {
  readonly system: ActorSystem;
  readonly run: JobRun;
  readonly #sockets: readonly Socket[];
  readonly #updates: AsyncIterator<unknown>;

  private constructor(system: ActorSystem, run: JobRun, sockets: readonly Socket[]) {
    this.system = system;
    this.run = run;
    this.#sockets = sockets;
    this.#updates = run.output("updates")[Symbol.asyncIterator]();
  }

  /** Starts the job of that name on free ports and connects to each. */
  static async start(name: string, options: { readonly threads: number }): Promise<JobDriver> {
    const job = bookJobs.find((each) => each.name === name);
    if (job === undefined) throw new RangeError(`no job ${name}`);
    const ports = await freePorts(job.portCount);
    const system = await ActorSystem.start(options);
    const run = await job.start(system, ports);
    await run.started;
    const sockets = ports.map((port) => connect(port, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    return new JobDriver(system, run, sockets);
  }

  /** Types lines into the socket of the port with that index. */
  type(portIndex: number, ...lines: readonly string[]): void {
    this.#sockets[portIndex]?.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** The next updates; waits for them. */
  async take<T>(count: number): Promise<T[]> {
    const updates: T[] = [];
    while (updates.length < count) {
      const { value, done } = await this.#updates.next();
      if (done === true) throw new Error(`the job ended after ${updates.length} of ${count} updates`);
      updates.push(value as T);
    }
    return updates;
  }

  /** Drains the job; fails when there are updates that were not taken. */
  async drain(): Promise<RunReport> {
    const report = await this.run.drain();
    const { done } = await this.#updates.next();
    if (done !== true) throw new Error("there are updates that were not taken");
    return report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.system.stop();
  }
}

/** How many events each instance of an operator took. */
export function taken(report: RunReport, operator: string): number[] {
  const found = report.operators.find(({ name }) => name === operator);
  return found?.instances.map((instance) => instance.in) ?? [];
}
