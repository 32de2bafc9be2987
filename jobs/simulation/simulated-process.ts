/**
 * SimulatedProcess: the process that runs a job in a simulated world, through all its lives: started, killed by a fault,
 * started again on what the store holds, until the run has an outcome or the limit is reached.
 */

import {
  durationMs,
  History,
  InvariantError,
  OptionError,
  SeededRandom,
  type SimulatedThread,
  SimulatedWorld,
  wholeNumber,
} from "../../runtime/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import { checkGuarantee, type Guarantee } from "../epochs/guarantee.ts";
import type { JobGraph } from "../job-graph.ts";
import { plan } from "../planner.ts";
import type { JobRun } from "../run/job-run.ts";
import type { RunReport } from "../run/run-report.ts";
import type { FaultAction, FaultTarget } from "./fault.ts";
import { FaultDriver } from "./fault-driver.ts";
import type { RunRecord } from "./invariants/run-record.ts";
import { runViolations } from "./invariants/run-violations.ts";
import { RunWatch } from "./invariants/run-watch.ts";
import type { Violation } from "./invariants/violation.ts";
import type { SimulatedLogLine, SimulateOptions, Simulation } from "./simulate.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { SimulatedSystem, simulatedSystemName } from "./simulated-system.ts";

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
  readonly #guarantee: Guarantee;
  /** Built when a run has taken it. */
  #graph: JobGraph | undefined;
  readonly #watch: RunWatch;
  readonly #logged: SimulatedLogLine[] = [];
  readonly #runs: JobRun[] = [];
  /** What was read of the outputs of the job, by name, over all lives. */
  readonly #outputs = new Map<string, unknown[]>();
  #life: Life = { system: undefined };
  #lives = 0;
  #outcome: Outcome | undefined;

  /** Throws ERR_RT_OPTION. */
  constructor(definition: JobDefinition<P>, options: SimulateOptions<P>) {
    this.#threads = wholeNumber("threads", options.threads ?? 2, 1, threadsMax);
    const seed = wholeNumber("seed", options.seed, -(2 ** 31), 2 ** 32 - 1);
    this.#limitMs = durationMs(options.limit ?? "10m", "limit");
    const quietAfterMs = durationMs(options.quietAfter ?? "1m", "quietAfter");
    if (quietAfterMs >= this.#limitMs) throw new OptionError("quietAfter", options.quietAfter, "less than limit");
    // Virtual threads build the job from the definition, wherever it stands.
    this.#definition = { ...definition, url: definition.url ?? `simulated:${definition.name}` };
    this.#options = options;
    const random = new SeededRandom(seed);
    this.#world = new SimulatedWorld(random, new History(options.history === true));
    this.#guarantee = checkGuarantee(options.guarantee ?? "exactly-once");
    this.#watch = new RunWatch(
      this.#guarantee,
      () => this.#world.nowMs,
      (error) => this.#end(this.#life, { report: undefined, error }),
    );
    const { checkpoints } = this.#watch;
    this.#store = new SimulatedStore(random, this.#world.main.clock, {
      writing: () => this.#checkShown(),
      committed: (checkpoint) => checkpoints.committed(checkpoint),
      read: (cell, restore) => checkpoints.read(cell, restore),
    });
    this.#driver = new FaultDriver(this.#world, options.faults ?? [], (action) => this.#strike(action));
    this.#world.outside.clock.after(quietAfterMs, () => this.#driver.quiet());
  }

  /** Rejects with what the job or its options were refused for. */
  async run(): Promise<Simulation> {
    const refused = this.#boot();
    while (this.#outcome === undefined && this.#world.nowMs < this.#limitMs) {
      if (!(await this.#step())) break;
    }
    if (this.#driver.struck.length === 0 && this.#runs.length === 0) await refused;
    return this.#result();
  }

  async #step(): Promise<boolean> {
    try {
      return await this.#world.step();
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.#watch.failed(`main: ${error.message}`, error);
      return false;
    }
  }

  /** A process starts, and submits the job. */
  #boot(): Promise<void> {
    this.#lives += 1;
    this.#watch.begin();
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
    if (life === this.#life) this.#outcome ??= outcome;
  }

  async #live(life: Life): Promise<Outcome> {
    await this.#store.reopen(this.#world.main.clock);
    const system = await SimulatedSystem.boot({
      world: this.#world,
      threads: this.#threads,
      definition: this.#definition as JobDefinition<unknown>,
      store: this.#store,
      logger: { log: (level, message) => void this.#logged.push({ atMs: this.#world.nowMs, level, message }) },
      watchOf: (operator, instance) => this.#driver.watchOf(operator, instance),
      runWatch: this.#watch,
    });
    life.system = system;
    this.#watch.watch(system);
    const { seed, threads, faults, limit, quietAfter, history, ...submit } = this.#options;
    const guarantee = this.#guarantee;
    // The store outlives the process: under at-most-once the storage says so to the sources, under the others it does itself.
    const storage = guarantee === "at-most-once" ? { storage: "simulated" } : {};
    const run = await system.submit(this.#definition, { ...submit, guarantee, ...storage });
    this.#runs.push(run);
    this.#graph ??= buildGraph(this.#definition, submit.params as P);
    for (const { name, label } of this.#graph.nodes) if (label === "output") void this.#read(name, run.output(name));
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
        if (action.target.kind === "host" && action.target.host === 0) return this.#kill(restartMsDefault);
        return this.#onThread(action.target, (thread) => thread.die(new Error("a simulated crash")));
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
        return true;
    }
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

  /** Under exactly-once nothing is shown that is in no complete checkpoint. */
  #checkShown(): void {
    const run = this.#runs.at(-1);
    if (run === undefined || this.#guarantee !== "exactly-once") return;
    for (const { name, label } of this.#graph?.nodes ?? []) {
      if (label === "collect") this.#watch.checkpoints.shown(name, run.collected(name).length);
    }
  }

  #violations(run: JobRun | undefined): readonly Violation[] {
    const graph = this.#graph;
    if (graph === undefined || run === undefined) return [];
    const { deadLetters } = run;
    return runViolations(this.#record(graph), { letters: deadLetters.list(), droppedCount: deadLetters.droppedCount });
  }

  #record(graph: JobGraph): RunRecord {
    const { checkpoints, assertions, facts, starts } = this.#watch;
    const outcome = this.#outcome;
    return {
      system: simulatedSystemName,
      guarantee: this.#guarantee,
      graph,
      plan: plan(graph, { hostCount: this.#threads }),
      assertions,
      facts,
      starts,
      seen: checkpoints.violations,
      status: statusOf(outcome),
      error: outcome?.error,
      lives: this.#lives,
      endMs: this.#world.nowMs,
    };
  }

  #result(): Simulation {
    const { history, nowMs, steps } = this.#world;
    const outcome = this.#outcome;
    const run = this.#runs.at(-1);
    const outputs = this.#outputs;
    return {
      seed: this.#options.seed,
      status: statusOf(outcome),
      error: outcome?.error,
      report: outcome?.report,
      elapsedMs: nowMs,
      steps,
      lives: this.#lives,
      struck: this.#driver.struck,
      calmMs: nowMs - this.#driver.calmFromMs,
      assertions: this.#watch.assertions,
      violations: this.#violations(run),
      logged: this.#logged,
      historyHash: history.hash,
      history: history.lines,
      collected: <T>(name: string) => (outputs.get(name) as T[] | undefined) ?? run?.collected<T>(name) ?? [],
    };
  }
}

function statusOf(outcome: Outcome | undefined): Simulation["status"] {
  if (outcome === undefined) return "hung";
  return outcome.error === undefined ? "completed" : "failed";
}

/** A process that was crashed by its first thread is started again after so many ms. */
const restartMsDefault = 1_000;
/** Virtual threads of one simulation. */
const threadsMax = 64;
