/**
 * SimulatedProcess: the process that runs a job in a simulated world, through all its lives: started, killed by a fault,
 * started again on what the store holds, until the run has an outcome or the limit is reached.
 */

import {
  durationMs,
  fromWire,
  History,
  OptionError,
  SeededRandom,
  type SimulatedThread,
  SimulatedWorld,
  toWire,
  wholeNumber,
} from "../../runtime/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import type { JobRun } from "../run/job-run.ts";
import type { RunReport } from "../run/run-report.ts";
import type { FaultAction, FaultTarget } from "./fault-action.ts";
import { FaultDriver } from "./fault-driver.ts";
import type { SimulatedLogLine, SimulateOptions, Simulation } from "./simulate.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { SimulatedSystem } from "./simulated-system.ts";
import { thrownValue } from "./thrown-value.ts";

interface Outcome {
  readonly report: RunReport | undefined;
  readonly error: Error | undefined;
}

/** One life of the process. */
interface Life {
  system: SimulatedSystem | undefined;
}

export class SimulatedProcess<P> {
  readonly #definition: JobDefinition<P>;
  readonly #options: SimulateOptions<P>;
  readonly #threads: number;
  readonly #limitMs: number;
  readonly #world: SimulatedWorld;
  readonly #driver: FaultDriver;
  readonly #store: SimulatedStore;
  readonly #assertions: string[] = [];
  readonly #logged: SimulatedLogLine[] = [];
  readonly #runs: JobRun[] = [];
  /** What was read of the outputs of the job, by name, over all lives. */
  readonly #outputs = new Map<string, unknown[]>();
  #life: Life = { system: undefined };
  #lives = 0;
  #outcome: Outcome | undefined;

  /** Throws ERR_RT_OPTION. */
  constructor(definition: JobDefinition<P>, options: SimulateOptions<P>) {
    this.#threads = wholeNumber("threads", options.threads ?? threadsDefault, 1, threadsMax);
    const seed = wholeNumber("seed", options.seed, -(2 ** 31), 2 ** 32 - 1);
    this.#limitMs = durationMs(options.limit ?? "10m", "limit");
    const quietAfterMs = durationMs(options.quietAfter ?? "1m", "quietAfter");
    if (quietAfterMs >= this.#limitMs) throw new OptionError("quietAfter", options.quietAfter, "less than limit");
    // Virtual threads build the job from the definition, wherever it stands.
    this.#definition = { ...definition, url: definition.url ?? `simulated:${definition.name}` };
    this.#options = options;
    const random = new SeededRandom(seed);
    this.#world = new SimulatedWorld(random, new History(options.history === true));
    this.#store = new SimulatedStore(random, this.#world.main.clock);
    this.#driver = new FaultDriver(this.#world, options.faults ?? [], (action) => this.#strike(action));
    this.#world.outside.clock.after(quietAfterMs, () => this.#driver.quiet());
  }

  /** Rejects with what the job or its options were refused for. */
  async run(): Promise<Simulation> {
    const refused = this.#boot();
    while (this.#outcome === undefined && this.#world.nowMs < this.#limitMs) {
      if (!(await this.#world.step())) break;
    }
    if (this.#driver.struck.length === 0 && this.#runs.length === 0) await refused;
    return this.#result();
  }

  /** A process starts, and submits the job. */
  #boot(): Promise<void> {
    this.#lives += 1;
    const life: Life = { system: undefined };
    this.#life = life;
    const lived = this.#live(life).then(
      (outcome) => this.#end(life, outcome),
      (error: Error) => {
        this.#end(life, { report: undefined, error });
        throw error;
      },
    );
    lived.catch(() => undefined);
    return lived;
  }

  #end(life: Life, outcome: Outcome): void {
    if (life === this.#life) this.#outcome = outcome;
  }

  async #live(life: Life): Promise<Outcome> {
    await this.#store.reopen(this.#world.main.clock);
    const system = await SimulatedSystem.boot({
      world: this.#world,
      threads: this.#threads,
      definition: this.#definition as JobDefinition<unknown>,
      store: this.#store,
      logger: { log: (level, message) => void this.#logged.push({ atMs: this.#world.nowMs, level, message }) },
      faultsOf: (operator, instance) => this.#driver.faultsOf(operator, instance),
    });
    life.system = system;
    system.on("actor-failed", ({ path, error }) => {
      if (error.name === "InvariantError") this.#assertions.push(`${path}: ${error.message}`);
    });
    const { seed, threads, faults, limit, quietAfter, history, ...submit } = this.#options;
    const { guarantee = "exactly-once" } = submit;
    // The store outlives the process: under at-most-once the storage says so to the sources, under the others it does itself.
    const storage = guarantee === "at-most-once" ? { storage: "simulated" } : {};
    const run = await system.submit(this.#definition, { ...submit, guarantee, ...storage });
    this.#runs.push(run);
    for (const { name, label } of buildGraph(this.#definition, submit.params as P).nodes) {
      if (label === "output") void this.#read(name, run.output(name));
    }
    return run.completed.then(
      (report) => ({ report, error: undefined }),
      (error: Error) => ({ report: undefined, error }),
    );
  }

  /** Reads an output, which would stop the stream otherwise. */
  async #read(name: string, output: AsyncIterable<unknown>): Promise<void> {
    const events = this.#outputs.get(name) ?? [];
    this.#outputs.set(name, events);
    try {
      for await (const event of output) events.push(event);
    } catch {
      // The run has failed, which is told by its outcome.
    }
  }

  /** Carries a fault out; false when there is nothing to strike now. */
  #strike(action: FaultAction): boolean {
    const { outside } = this.#world;
    switch (action.kind) {
      case "crash":
        return this.#endThread(action.target, () => new Error("a simulated crash"));
      case "exit":
        return this.#endThread(action.target, () => new Error(`it called process.exit(${action.code})`));
      case "stray-throw":
        return this.#endThread(action.target, () =>
          fromWire(toWire(thrownValue(action.thrown, "a stray callback threw"))),
        );
      case "stray-reject":
        return this.#endThread(action.target, () =>
          fromWire(toWire(thrownValue(action.thrown, "a stray promise rejected"))),
        );
      case "overflow-heap":
        return this.#endThread(action.target, () => new Error("it was beyond its share of the heap"));
      case "hang":
        if (action.target.kind === "operator" || action.target.host !== 0) {
          return this.#onThread(action.target, (thread) => thread.hold(action.forMs));
        }
        this.#world.main.hold(action.forMs);
        return true;
      case "slow":
        return this.#onThread(action.target, (thread) => {
          thread.slow(action.costMs);
          outside.clock.after(action.forMs, () => thread.slow(0));
        });
      case "delay":
        return this.#onThread({ kind: "host", host: action.to }, (thread) => {
          thread.delay(action.from, action.delayMs);
          outside.clock.after(action.forMs, () => thread.delay(action.from, 0));
        });
      case "kill-process":
        return this.#kill(action.downMs);
      case "fail-write":
        this.#store.failWrites(action.count);
        return true;
      case "slow-write":
        this.#store.slow(action.delayMs, action.forMs);
        return true;
      case "jump":
        this.#world.jumpWall(action.byMs);
        return true;
      case "fail":
      case "fail-start":
      case "fail-commit":
      case "stall":
      case "poison":
        // Inside operators, where the driver lets them happen.
        return true;
    }
  }

  /** The process goes with its first thread. */
  #endThread(target: FaultTarget, cause: () => Error): boolean {
    if (target.kind === "host" && target.host === 0) return this.#kill(restartMsDefault);
    return this.#onThread(target, (thread) => thread.die(cause()));
  }

  #onThread(target: FaultTarget, strike: (thread: SimulatedThread) => void): boolean {
    const host = target.kind === "host" ? target.host : this.#hostOf(target.operator, target.instance);
    const thread = host === undefined ? undefined : this.#life.system?.pool.threadOf(host);
    if (thread === undefined) return false;
    strike(thread);
    return true;
  }

  #hostOf(operator: string, instance: number): number | undefined {
    return this.#runs.at(-1)?.actor(operator, instance).address.host;
  }

  #kill(downMs: number): boolean {
    if (this.#life.system === undefined) return false;
    const down: Life = { system: undefined };
    this.#life = down;
    this.#world.endProcess();
    this.#world.outside.clock.after(downMs, () => void this.#boot());
    return true;
  }

  #result(): Simulation {
    const { history, nowMs, steps } = this.#world;
    const outcome = this.#outcome;
    const run = this.#runs.at(-1);
    const outputs = this.#outputs;
    return {
      seed: this.#options.seed,
      status: outcome === undefined ? "hung" : outcome.error === undefined ? "completed" : "failed",
      error: outcome?.error,
      report: outcome?.report,
      elapsedMs: nowMs,
      steps,
      lives: this.#lives,
      struck: this.#driver.struck,
      assertions: this.#assertions,
      logged: this.#logged,
      historyHash: history.hash,
      history: history.lines,
      collected: <T>(name: string) => (outputs.get(name) as T[] | undefined) ?? run?.collected<T>(name) ?? [],
    };
  }
}

/** A process that was crashed by its first thread is started again after so many ms. */
const restartMsDefault = 1_000;
export const threadsDefault = 2;
/** Virtual threads of one simulation. */
const threadsMax = 64;
