/**
 * ControlledSimulation: a simulated run that a test takes through its story: it pushes events, lets time pass, lets things go
 * wrong, and looks at what comes out. Its sources and sinks are those of the test; everything between them is the job's.
 *
 *   await using simulation = await startSimulation(fraud);
 *   simulation.source("payments").push({ card: "a", cents: 900_000 });
 *   await simulation.sink("alerts").expectEvent();
 *   await simulation.sink("alerts").expectNoEvent("10s");
 */

import { type Duration, durationMs, OptionError } from "../../runtime/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import { OperatorUnknownError } from "../run/run-error.ts";
import { checkFaults } from "../simulation/check-faults.ts";
import { threadsDefault } from "../simulation/check-simulation.ts";
import { Fault } from "../simulation/fault.ts";
import type { FaultAction } from "../simulation/fault-action.ts";
import { SimulatedProcess } from "../simulation/simulated-process.ts";
import type { SimulateOptions, Simulation } from "../simulation/simulation.ts";
import { withStandIns } from "../simulation/stand-ins.ts";
import { TestSink } from "../simulation/test-sink.ts";
import { TestSource } from "../simulation/test-source.ts";
import { ProbeError } from "./probe-error.ts";
import { SinkProbe, type WaitOptions, withinMsOf } from "./sink-probe.ts";

export interface StartSimulationOptions<P>
  extends Omit<SimulateOptions<P>, "seed" | "sources" | "collect" | "duration" | "until" | "limit" | "quietAfter"> {
  /** Default 1. */
  readonly seed?: number;
  /** Sources and sinks of the job that stay as they are, by name. Default: none. */
  readonly keep?: readonly string[];
}

/**
 * Starts a job in a simulated world; resolves when it works. Nothing goes on in it except while the test waits for something.
 *
 * Rejects with ERR_RT_OPTION, or with what the job is refused for or fails with at its start.
 */
export async function startSimulation<P>(
  definition: JobDefinition<P>,
  options: StartSimulationOptions<P> = {},
): Promise<ControlledSimulation> {
  const { keep = [], ...simulated } = options;
  const { nodes } = buildGraph(definition, options.params as P);
  for (const name of keep) {
    if (nodes.every((node) => node.name !== name || node.kind === "operator"))
      throw new OptionError("keep", name, "the names of sources and sinks of the job");
  }
  const replaced = nodes.filter(({ name }) => !keep.includes(name));
  const sources = new Map(replaced.filter(({ kind }) => kind === "source").map(({ name }) => [name, new TestSource()]));
  const sinks = new Map(replaced.filter(({ kind }) => kind === "sink").map(({ name }) => [name, new TestSink()]));
  const graph = buildGraph(withStandIns(definition, options.params as P, { sources, sinks }), options.params as P);
  const process = new SimulatedProcess(
    definition,
    { seed: 1, ...simulated, limit: limitMs, quietAfter: limitMs - 1 },
    { sources, sinks },
  );
  const keepsSources = nodes.some(({ name, kind }) => kind === "source" && keep.includes(name));
  const simulation = new ControlledSimulation(definition.name, process, sources, sinks, {
    keepsSources,
    check: (action) =>
      checkFaults([{ action, trigger: { kind: "at", ms: 0 } }], graph, options.threads ?? threadsDefault),
  });
  await simulation.started();
  return simulation;
}

/** Virtual time that nobody waits for. */
const limitMs = 1_000 * 365 * 86_400_000;

interface Rules {
  /** Whether sources stayed those of the job. */
  readonly keepsSources: boolean;
  /** Throws what is wrong with a fault. */
  readonly check: (action: FaultAction) => void;
}

/** What a test does with a simulated process. */
type Process = Pick<
  SimulatedProcess<unknown>,
  "start" | "step" | "drain" | "strike" | "after" | "ended" | "error" | "nowMs" | "isOver" | "isRunning" | "watchAll"
>;

export class ControlledSimulation implements AsyncDisposable {
  readonly #job: string;
  readonly #process: Process;
  readonly #rules: Rules;
  readonly #sources: ReadonlyMap<string, TestSource>;
  readonly #sinks: ReadonlyMap<string, TestSink>;
  readonly #probes = new Map<string, SinkProbe>();
  #isGoingOn = false;
  #isDisposed = false;

  /** @internal Simulations are started by `startSimulation`. */
  constructor(
    job: string,
    process: Process,
    sources: ReadonlyMap<string, TestSource>,
    sinks: ReadonlyMap<string, TestSink>,
    rules: Rules,
  ) {
    this.#rules = rules;
    this.#job = job;
    this.#process = process;
    this.#sources = sources;
    this.#sinks = sinks;
  }

  /** @internal */
  async started(): Promise<void> {
    const process = this.#process;
    process.watchAll();
    process.start();
    while (!process.isRunning && (await process.step()));
    if (process.isRunning) return;
    const { error } = await process.ended();
    throw error ?? new ProbeError(`job ${JSON.stringify(this.#job)} ended before it had begun`);
  }

  /** Virtual time since the beginning, in ms. */
  get nowMs(): number {
    return this.#process.nowMs;
  }

  /** The source that stands in for that of the job. Throws ERR_JOB_OPERATOR_UNKNOWN. */
  source<T = unknown>(name: string): TestSource<T> {
    return this.#known(this.#sources, name, "source") as TestSource<T>;
  }

  /** What the job shows at that sink. Throws ERR_JOB_OPERATOR_UNKNOWN. */
  sink<T = unknown>(name: string): SinkProbe<T> {
    const sink = this.#known(this.#sinks, name, "sink");
    let probe = this.#probes.get(name);
    if (probe === undefined) {
      probe = new SinkProbe(name, sink, (condition, withinMs) => this.#goOnUntil(condition, withinMs));
      this.#probes.set(name, probe);
    }
    return probe as SinkProbe<T>;
  }

  /** Lets virtual time pass. Rejects with ERR_JOB_PROBE when the job fails meanwhile. */
  async advance(time: Duration): Promise<void> {
    await this.#goOnUntil(() => false, durationMs(time, "time"));
  }

  /** Goes on until the condition holds. Rejects with ERR_JOB_PROBE when it does not in time, or the job fails. */
  async until(condition: () => boolean, options: WaitOptions = {}): Promise<void> {
    const withinMs = withinMsOf("until", options);
    if (await this.#goOnUntil(condition, withinMs)) return;
    throw new ProbeError(`what the test waits for has not happened within ${withinMs} ms of virtual time`);
  }

  /**
   * A fault happens now. Throws ERR_JOB_PROBE when there is nothing to strike, such as a thread that is dead already,
   * ERR_JOB_OPERATOR_UNKNOWN and ERR_RT_OPTION for a fault that the job cannot have.
   */
  strike(fault: Fault): void {
    if (!(fault instanceof Fault))
      throw new OptionError("strike", fault, "a fault without a time, such as crash(host(1))");
    this.#rules.check(fault.action);
    if (this.#process.strike(fault.action)) return;
    throw new ProbeError(`there is nothing to strike: ${JSON.stringify(fault.action)}`);
  }

  /** The sources end, the sinks take all that comes: resolves to what the run has come to. It is `hung` when it does not end. */
  async end(options: WaitOptions = {}): Promise<Simulation> {
    const withinMs = withinMsOf("end", options, "10m");
    for (const sink of this.#sinks.values()) sink.release();
    for (const source of this.#sources.values()) source.end();
    if (this.#rules.keepsSources) {
      // They may never end, and a drain stops the others as well.
      const areRead = () => this.#sources.values().every(({ takenCount, pushedCount }) => takenCount === pushedCount);
      await this.#step(areRead, withinMs);
      this.#process.drain();
    }
    await this.#step(() => false, withinMs);
    return this.#process.ended();
  }

  /** Forgets the run as it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
  }

  async #goOnUntil(condition: () => boolean, withinMs: number): Promise<boolean> {
    const holds = await this.#step(condition, withinMs);
    const { error } = this.#process;
    if (!holds && error !== undefined) {
      throw new ProbeError(`job ${JSON.stringify(this.#job)} has failed: ${error.message}`, { cause: error });
    }
    return holds;
  }

  async #step(condition: () => boolean, withinMs: number): Promise<boolean> {
    if (this.#isDisposed) throw new ProbeError("the simulation has been disposed of");
    if (this.#isGoingOn) throw new ProbeError("the simulation goes on already: await what was asked of it before");
    this.#isGoingOn = true;
    try {
      let isOver = false;
      this.#process.after(withinMs, () => {
        isOver = true;
      });
      while (!condition()) if (isOver || !(await this.#process.step())) return condition();
      return true;
    } finally {
      this.#isGoingOn = false;
    }
  }

  #known<V>(standIns: ReadonlyMap<string, V>, name: string, kind: string): V {
    const standIn = standIns.get(name);
    if (standIn !== undefined) return standIn;
    const names = [...standIns.keys()].map((each) => JSON.stringify(each)).join(", ");
    throw new OperatorUnknownError(
      `job ${JSON.stringify(this.#job)} has no ${kind} named ${JSON.stringify(name)} that the test stands in for; there is ` +
        (names === "" ? "none" : names),
      { details: { name } },
    );
  }
}
