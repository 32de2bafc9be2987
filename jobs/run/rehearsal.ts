/**
 * Rehearsal: what a spare thread does once it has loaded its modules: it runs a small job of its own, which fails once and
 * starts over from a checkpoint, on hosts that are all on this thread. Code that runs for the first time takes several times as long, and
 * when a thread has been lost, everything would run for the first time. Then it reads state, as much as it takes for that to be compiled.
 *
 * Time is virtual and passes as long as the rehearsal is played: when the thread is wanted, it is left as it stands, and nothing of it
 * is heard again. No code of a user runs here.
 */

import {
  encodeDelta,
  generate,
  mergedState,
  type OperatorState,
  type ProcessContext,
  type StateEntry,
  type ValueState,
} from "../../actors/index.ts";
import {
  areFaultPointsSet,
  type Clock,
  Host,
  MessagePortTransport,
  MetricRegistry,
  type Port,
  progressLength,
  SystemRandom,
  VirtualClock,
} from "../../runtime/index.ts";
import { buildGraph, defineJob } from "../define-job.ts";
import { checkEpochs } from "../epochs/epoch-options.ts";
import { letterSettings } from "../letters/letter-options.ts";
import { rehearsalStepsMax } from "../limits.ts";
import { lingerMsOf } from "../linger.ts";
import { plan } from "../planner.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { HostedJob } from "./hosted-job.ts";
import { jobRestartSettings } from "./job-restarts.ts";
import { chainCellModule, JobRun } from "./job-run.ts";

/** As many as it takes for the engine to compile what runs for each of them. */
const eventCount = 4_000;
/** One that comes behind some checkpoints. */
const failingEvent = 3_000;
const keyCount = 100;
/** How often so much state is read as takes less than a millisecond: that of 100,000 keys is read by code that is compiled then. */
const statesRead = 40;
const stateKeys = 1_000;
const hostCount = 2;

/** Two deltas of the same keys, as a checkpoint has them. */
const someState = [1, 2].map((value) =>
  encodeDelta(
    "rehearsed",
    Array.from({ length: stateKeys }, (_, key): StateEntry => ["state", key, true, value]),
  ),
);

export const rehearsed = defineJob("rehearsed", import.meta.url, (job) => {
  job.supervision({ backoff: { min: 0, max: 0 } });
  job
    .source("numbers", generate({ count: eventCount }))
    .keyBy((number) => number % keyCount)
    .process("count", () => new FailingOnce())
    .collect("counts");
});

/** What came of a rehearsal, as far as it was played. */
export interface Rehearsed {
  readonly counts: readonly number[];
  readonly restartCount: number;
  readonly epoch: number;
  /** Keys of state that was read over and over again. */
  readonly stateKeyCount: number;
}

/**
 * Plays the rehearsal to its end, or until the thread is wanted. Undefined when fault points are set: they count who passes.
 *
 * @param clock by which a step waits for what the platform does: packets arrive, files are looked at
 */
export async function rehearse(clock: Clock, isWanted: () => boolean): Promise<Rehearsed | undefined> {
  if (areFaultPointsSet) return undefined;
  const virtual = new VirtualClock();
  const { main, ports } = linkedHosts(virtual);
  let restartCount = 0;
  main.setRoot({
    onFact: ({ kind }) => {
      if (kind === "actor-restarted") restartCount += 1;
    },
    onWatch: () => undefined,
  });
  const store = new MemoryStore();
  const run = runOn(main, store);
  let hasEnded = false;
  run.completed.then(end, end);
  run.start(undefined);
  for (let step = 0; step < rehearsalStepsMax && !hasEnded && !isWanted(); step += 1) {
    await new Promise<void>((resolve) => clock.after(1, resolve));
    virtual.advance(1);
  }
  for (const port of ports) port.close();
  let stateKeyCount = 0;
  for (let step = 0; step < statesRead && hasEnded && !isWanted(); step += 1) {
    await new Promise<void>((resolve) => clock.after(1, resolve));
    stateKeyCount += mergedState(someState).reduce((sum, { values }) => sum + values.size, 0);
  }
  return { counts: run.collected<number>("counts"), restartCount, epoch: store.epoch, stateKeyCount };

  function end(): void {
    hasEnded = true;
  }
}

function linkedHosts(clock: Clock): { readonly main: Host; readonly ports: readonly Port[] } {
  const transport = new MessagePortTransport();
  const hosts = Array.from({ length: hostCount + 1 }, (_, host) => createHost(host, clock));
  const ports: Port[] = [];
  for (const [number, host] of hosts.entries()) {
    for (const [peer, other] of hosts.slice(0, number).entries()) {
      const { left, right } = transport.createLink();
      ports.push(left, right);
      host.join(peer, 0, left);
      other.join(number, 0, right);
    }
  }
  return { main: hosts[0] as Host, ports };
}

function createHost(host: number, clock: Clock): Host {
  const progress = new Int32Array(progressLength);
  const logger = { log: () => undefined };
  return new Host(
    { host, system: "rehearsal", incarnation: 0, workerCount: hostCount },
    { clock, random: new SystemRandom(), logger, progress },
  );
}

function runOn(host: Host, store: MemoryStore): JobRun {
  const graph = buildGraph(rehearsed, undefined);
  return new JobRun({
    host,
    hosted: new HostedJob(graph, plan(graph, { hostCount })),
    runId: "rehearsal",
    moduleUrl: import.meta.url,
    cellModule: { url: chainCellModule, args: {} },
    params: undefined,
    creditEvents: 1_024,
    lingerMs: lingerMsOf(undefined),
    guarantee: "exactly-once",
    epochs: checkEpochs({ epochInterval: 2 }),
    metrics: new MetricRegistry(),
    jobRestarts: jobRestartSettings(),
    letterBounds: letterSettings().bounds,
    store,
    storage: undefined,
    threadIdOf: () => 0,
    unfinishedWork: () => 0,
    onRecovered: () => undefined,
    onEnd: () => undefined,
  });
}

class FailingOnce {
  #counts!: ValueState<number, number>;
  #failsAt = 0;

  open({ state, incarnation }: { readonly state: OperatorState; readonly incarnation: number }): void {
    this.#counts = state.value("counts", { initial: () => 0 });
    this.#failsAt = incarnation === 0 ? failingEvent : eventCount;
  }

  onEvent(number: number, context: ProcessContext<number>): void {
    if (number === this.#failsAt) throw new Error("a failure that belongs to the rehearsal");
    const count = this.#counts.get() + 1;
    this.#counts.set(count);
    context.emit(count);
  }
}
