/**
 * SimulatedProcess: the process that runs a job in a simulated world, through all its lives: started, killed by a fault,
 * started again on what the store holds, until the run has an outcome or the limit is reached.
 */

import { History, InvariantError, SeededRandom, SimulatedDeathError, SimulatedWorld } from "../../runtime/index.ts";
import type { JobDefinition } from "../define-job.ts";
import { checkEpochs } from "../epochs/epoch-options.ts";
import { checkGuarantee, type Guarantee } from "../epochs/guarantee.ts";
import type { JobRun } from "../run/job-run.ts";
import type { RunReport } from "../run/run-report.ts";
import { StorageGraphError } from "../store/storage-error.ts";
import { checkSimulation } from "./check-simulation.ts";
import type { FaultAction } from "./fault-action.ts";
import { FaultDriver } from "./fault-driver.ts";
import type { RunRecord } from "./invariants/run-record.ts";
import { runViolations } from "./invariants/run-violations.ts";
import { RunWatch } from "./invariants/run-watch.ts";
import type { Violation } from "./invariants/violation.ts";
import { JobVersions } from "./job-versions.ts";
import { noteFacts } from "./noted-facts.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { SimulatedSystem, simulatedSystemName } from "./simulated-system.ts";
import type { SimulatedLogLine, SimulateOptions, Simulation, SimulationSoFar } from "./simulation.ts";
import { type StandIns, standInsOf } from "./stand-ins.ts";
import { strikeProcess, type Target } from "./strike-process.ts";
import { TestSink } from "./test-sink.ts";

interface Outcome {
  readonly report: RunReport | undefined;
  readonly error: Error | undefined;
}

/** One life of the process. */
interface Life {
  system: SimulatedSystem | undefined;
  run: JobRun | undefined;
  /** Whether it was told to end, so that another version takes its place. */
  isEnding: boolean;
}

export class SimulatedProcess<P> {
  readonly #options: SimulateOptions<P>;
  readonly #versions: JobVersions<P>;
  readonly #limitMs: number;
  readonly #world: SimulatedWorld;
  readonly #driver: FaultDriver;
  readonly #store: SimulatedStore;
  readonly #guarantee: Guarantee;
  readonly #watch: RunWatch;
  readonly #logged: SimulatedLogLine[] = [];
  readonly #runs: JobRun[] = [];
  /** What was read of the outputs of the job, by name, over all lives. */
  readonly #outputs = new Map<string, unknown[]>();
  readonly #standIns: StandIns;
  #life: Life = { system: undefined, run: undefined, isEnding: false };
  #lives = 0;
  #isDraining = false;
  /** The job was ended, and the next life of the process is of the next version. */
  #isMovingOn = false;
  #refusal: Promise<void> | undefined;
  #outcome: Outcome | undefined;

  /**
   * @param standIns what takes the place of sources and sinks; by default what the options say
   * @throws ERR_RT_OPTION, ERR_JOB_* for what is wrong with the graph
   */
  constructor(definition: JobDefinition<P>, options: SimulateOptions<P>, standIns = standInsOf(options)) {
    const { threads, seed, limitMs, quietAfterMs, durationLimitMs } = checkSimulation(options);
    this.#limitMs = limitMs;
    this.#versions = new JobVersions(definition, threads, options.versions ?? [], options.params as P, standIns);
    this.#standIns = standIns;
    this.#options = options;
    const random = new SeededRandom(seed);
    this.#world = new SimulatedWorld(random, new History(options.history === true));
    this.#guarantee = checkGuarantee(options.guarantee ?? "exactly-once");
    this.#watch = new RunWatch({
      guarantee: this.#guarantee,
      retentionBytes: checkEpochs(options).retentionBytes,
      collectSinks: this.#versions.current.graph.nodes.flatMap(({ name, label }) =>
        label === "collect" ? [name] : [],
      ),
      nowMs: () => this.#world.nowMs,
      onAssertion: (error) => this.#end(this.#life, { report: undefined, error }),
    });
    const { checkpoints } = this.#watch;
    this.#store = new SimulatedStore(random, this.#world.main.clock, {
      note: (what) => this.#world.history.note(what),
      writing: () => this.#onWriting(),
      committed: (checkpoint) => checkpoints.committed(checkpoint),
      read: (cell, restore) => checkpoints.read(cell, restore),
      takenOver: (moved, from, by) => checkpoints.takenOver(moved, from, by),
    });
    const struck: Target = {
      world: this.#world,
      store: this.#store,
      threadOf: (host) => this.#life.system?.pool.threadOf(host),
      hostOf: (operator, instance) => this.#hostOf(operator, instance),
      kill: (downMs) => this.#kill(downMs),
    };
    const strike = (action: FaultAction) => strikeProcess(struck, action);
    this.#driver = new FaultDriver(this.#world, options.faults ?? [], strike, options.deaths);
    this.#world.outside.clock.after(quietAfterMs, () => this.#driver.quiet());
    if (durationLimitMs !== undefined) this.#world.outside.clock.after(durationLimitMs, () => this.drain());
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  soFar(): SimulationSoFar {
    return {
      nowMs: this.#world.nowMs,
      lives: this.#lives,
      struck: this.#driver.struck,
      collected: <T>(name: string) => this.collected<T>(name),
    };
  }

  /** Whether the job reads and works, in the process that lives now. */
  get isRunning(): boolean {
    return this.#life.run?.status === "running";
  }

  /** What the run has failed with. */
  get error(): Error | undefined {
    return this.#outcome?.error;
  }

  /** Whether the run has an outcome, or the limit is reached. */
  get isOver(): boolean {
    return this.#outcome !== undefined || this.#world.nowMs >= this.#limitMs;
  }

  /** Rejects with what the job or its options were refused for. */
  async run(): Promise<Simulation> {
    const { until } = this.#options;
    this.start();
    while (await this.step()) {
      if (until !== undefined && !this.#isDraining && until(this.soFar())) this.drain();
    }
    return this.ended();
  }

  /** The first life begins, with the first step. */
  start(): void {
    this.#refusal = this.#boot();
  }

  /** Something happens; false when it is over, or nothing ever will. */
  async step(): Promise<boolean> {
    if (this.isOver) return false;
    try {
      const goesOn = await this.#world.step();
      this.#lookForNext();
      return goesOn;
    } catch (error) {
      // The process has died in the middle of this step.
      if (error instanceof SimulatedDeathError) return true;
      if (!(error instanceof InvariantError)) throw error;
      this.#watch.failed(`main: ${error.message}`, error);
      return false;
    }
  }

  /** Sources stop, and what is in flight is finished, in this life of the process or in the next. */
  drain(): void {
    this.#isDraining = true;
    this.#life.run?.drain().catch(() => undefined);
  }

  /** From now on every operator can be struck, whether a planned fault names it or not. */
  watchAll(): void {
    this.#driver.watchAll();
  }

  /** A fault happens now; false when there is nothing to strike. */
  strike(action: FaultAction): boolean {
    return this.#driver.happen(action);
  }

  /** Calls back when so much virtual time has passed. */
  after(delayMs: number, callback: () => void): void {
    this.#world.outside.clock.after(delayMs, callback);
  }

  /** What it has come to. Rejects with what the job or its options were refused for. */
  async ended(): Promise<Simulation> {
    if (this.#driver.struck.length === 0 && this.#runs.length === 0) await this.#refusal;
    return this.#result();
  }

  /** Throws ERR_JOB_OPERATOR_UNKNOWN. */
  collected<T>(name: string): readonly T[] {
    const standIn = this.#standIns.sinks.get(name);
    if (standIn instanceof TestSink) return standIn.received as readonly T[];
    return (this.#outputs.get(name) as T[] | undefined) ?? this.#runs.at(-1)?.collected<T>(name) ?? [];
  }

  /** A process starts, and submits the job. */
  #boot(): Promise<void> {
    this.#lives += 1;
    this.#watch.begin();
    const life: Life = { system: undefined, run: undefined, isEnding: false };
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

  /** @param outcome undefined where another version takes its place */
  #end(life: Life, outcome: Outcome | undefined): void {
    if (life === this.#life) this.#outcome ??= outcome;
  }

  /** Ends the job where another version is to take its place. */
  #lookForNext(): void {
    const { next } = this.#versions;
    const { run, isEnding } = this.#life;
    if (next === undefined || isEnding || run?.status !== "running") return;
    if (this.#guarantee !== "at-most-once" && !this.#store.holdsPositions) return;
    if (!next.when((source) => this.#store.positionsOf(source))) return;
    this.#life.isEnding = true;
    // How it ends is told by `completed`.
    (next.by === "stop" ? run.stop() : run.cancel()).catch(() => undefined);
  }

  /** The job was ended: its next version begins, in a process of its own. */
  #moveOn(life: Life): void {
    if (life !== this.#life) return;
    this.#isMovingOn = true;
    this.#world.outside.clock.after(0, () => {
      if (life !== this.#life) return;
      this.#world.endProcess();
      void this.#boot();
    });
  }

  async #live(life: Life): Promise<Outcome | undefined> {
    await this.#store.reopen(this.#world.main.clock);
    if (this.#isMovingOn) this.#versions.moveOn(this.#lives - 1, this.#store.epoch);
    this.#isMovingOn = false;
    const { threads } = this.#versions.current;
    const system = await SimulatedSystem.boot({
      world: this.#world,
      threads,
      hangLimit: this.#options.hangLimit,
      definition: () => this.#versions.current.definition as JobDefinition<unknown>,
      store: this.#store,
      logger: { log: (level, message) => void this.#logged.push({ atMs: this.#world.nowMs, level, message }) },
      faultsOf: (operator, instance) => this.#driver.faultsOf(operator, instance),
      onMutation:
        this.#options.freeze === false ? undefined : (error) => void this.#end(life, { report: undefined, error }),
      runWatch: this.#watch,
    });
    life.system = system;
    this.#watch.watch(system);
    noteFacts(system, this.#world.history);
    const run = await this.#submit(system);
    life.run = run;
    this.#runs.push(run);
    if (this.#isDraining) this.drain();
    const { graph } = this.#versions.current;
    for (const { name, label } of graph.nodes) if (label === "output") void this.#read(name, run.output(name));
    return run.completed.then(
      (report) => {
        if (report.status === "completed") return { report, error: undefined };
        return void this.#moveOn(life);
      },
      (error: Error) => ({ report: undefined, error }),
    );
  }

  async #submit(system: SimulatedSystem): Promise<JobRun> {
    const { seed, threads, hangLimit, faults, deaths, limit, quietAfter, history, versions, ...rest } = this.#options;
    const { duration, until, freeze, sources, collect, ...submit } = rest;
    const guarantee = this.#guarantee;
    // The store outlives the process: under at-most-once the storage says so to the sources, under the others it does itself.
    const storage = guarantee === "at-most-once" ? { storage: "simulated" } : {};
    try {
      return await system.submit(this.#versions.current.definition, { ...submit, guarantee, ...storage });
    } catch (error) {
      if (!isOfEnds(error) || !this.#versions.takeBack()) throw error;
      return this.#submit(system);
    }
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

  #hostOf(operator: string, instance: number): number | undefined {
    const { graph } = this.#versions.current;
    const isThere = graph.nodes.some(({ name, parallelism }) => name === operator && instance < parallelism);
    return isThere ? this.#runs.at(-1)?.actor(operator, instance).address.host : undefined;
  }

  #kill(downMs: number): boolean {
    if (this.#life.system === undefined) return false;
    const down: Life = { system: undefined, run: undefined, isEnding: false };
    this.#life = down;
    this.#world.endProcess();
    this.#world.outside.clock.after(downMs, () => void this.#boot());
    return true;
  }

  /** A checkpoint is handed to the store. */
  #onWriting(): void {
    const { run, system } = this.#life;
    if (run !== undefined && system !== undefined) this.#watch.beforeWrite(run, system.metrics.samples());
  }

  #violations(run: JobRun | undefined): readonly Violation[] {
    if (run === undefined) return [];
    const { deadLetters } = run;
    return runViolations(this.#record(), { letters: deadLetters.list(), droppedCount: deadLetters.droppedCount });
  }

  #record(): RunRecord {
    const { checkpoints, assertions, facts, starts } = this.#watch;
    const outcome = this.#outcome;
    return {
      system: simulatedSystemName,
      guarantee: this.#guarantee,
      graph: this.#versions.current.graph,
      plan: this.#versions.plan,
      past: this.#versions.past,
      assertions,
      facts,
      starts,
      endings: checkpoints.endings,
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
    return {
      job: this.#versions.current.definition.name,
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
      violations: this.#violations(this.#runs.at(-1)),
      logged: this.#logged,
      historyHash: history.hash,
      history: history.lines,
      sinks: this.#versions.current.graph.nodes
        .filter(({ name, label }) => label === "collect" || label === "output" || this.#standIns.sinks.has(name))
        .map(({ name }) => name),
      collected: <T>(name: string) => this.collected<T>(name),
    };
  }
}

/** Refused because instances have given their last results, which hold for the parallelism that they were given by. */
function isOfEnds(error: unknown): boolean {
  if (!(error instanceof StorageGraphError)) return false;
  const { refused } = error.details as { readonly refused: readonly { readonly refusal: string }[] };
  return refused.every(({ refusal }) => refusal.includes("given"));
}

function statusOf(outcome: Outcome | undefined): Simulation["status"] {
  if (outcome === undefined) return "hung";
  return outcome.error === undefined ? "completed" : "failed";
}
