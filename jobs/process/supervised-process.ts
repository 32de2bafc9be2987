/**
 * SupervisedProcess: the child's side of a supervised run: runs the job that its parent orders, says how it goes, and ends.
 *
 * When the parent is gone the job is cancelled, and the process ends, within a limit: what is complete is in the
 * checkpoint, and whoever comes next needs the lock of the storage.
 *
 * Not here: the process itself (process-main.ts), the parent's side (supervised-run.ts).
 */

import {
  type ActorSystemOptions,
  type Clock,
  type ParentProcess,
  type ActorSystem as RuntimeActorSystem,
  toWire,
} from "../../runtime/index.ts";
import type { SubmitOptions } from "../actor-system.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import type { JobGraph } from "../job-graph.ts";
import { collectedPartEvents, orphanLimitMs, processHeartbeatMs } from "../limits.ts";
import { loadJob, moduleUrl } from "../load-job.ts";
import type { JobRun } from "../run/job-run.ts";
import { ProcessAccessError } from "./process-error.ts";
import {
  type DescribedJob,
  type EndOfRun,
  type FailureStage,
  forwardedFacts,
  type ProcessMessage,
  type Question,
  type RunOrder,
  type SupervisorMessage,
} from "./process-protocol.ts";

/** What it needs of an actor system. */
export interface ProcessSystem extends Pick<RuntimeActorSystem, "on" | "failed" | "stop"> {
  /** Resolves when it has nothing left to load or to rehearse. */
  prepare(): Promise<void>;
  submit(definition: JobDefinition<unknown>, options: SubmitOptions<unknown>): Promise<JobRun>;
}

export interface SupervisedProcessSeams {
  readonly parent: ParentProcess;
  readonly clock: Clock;
  /** Starts one for the job of a module. */
  readonly startSystem: (moduleUrl: string, options: ActorSystemOptions) => Promise<ProcessSystem>;
  /** Prints what an `output` sink is given; rejects when it cannot be printed any more. */
  readonly printEvents: (events: AsyncIterable<unknown>) => Promise<void>;
}

export class SupervisedProcess {
  readonly #seams: SupervisedProcessSeams;
  readonly #running = Promise.withResolvers<JobRun>();
  /** A system that was started ahead; undefined when it could not be started. */
  #prepared: Promise<ProcessSystem | undefined> | undefined;
  #wish: "run" | EndOfRun = "run";
  #isOrdered = false;

  constructor(seams: SupervisedProcessSeams) {
    this.#seams = seams;
    this.#running.promise.catch(() => undefined);
  }

  /** Waits for the order and carries it out. This process ends with it. */
  async run(): Promise<never> {
    const { parent } = this.#seams;
    const order = Promise.withResolvers<RunOrder>();
    parent.onMessage((message) => {
      const told = message as SupervisorMessage;
      if (told.kind === "run") {
        this.#isOrdered = true;
        order.resolve(told.order);
      } else if (told.kind === "prepare") void this.#standBy(told.order);
      else this.#onMessage(told);
    });
    parent.onLost(() => this.#onOrphaned());
    void this.#say({ kind: "ready" });
    this.#beat();
    return parent.exit(await this.#carryOut(await order.promise));
  }

  async #standBy(order: RunOrder): Promise<void> {
    this.#prepared ??= this.#prepare(order);
    const system = await this.#prepared;
    if (!this.#isOrdered) await system?.prepare();
    if (system !== undefined && !this.#isOrdered) await this.#say({ kind: "stands-by" });
  }

  /** Starts threads while the job is loaded. What is wrong comes up again, and is said, when the order is carried out. */
  async #prepare(order: RunOrder): Promise<ProcessSystem | undefined> {
    const started = this.#startSystem(order).catch(() => undefined);
    await definitionOf(order).catch(() => undefined);
    return started;
  }

  #startSystem({ module, system }: RunOrder): Promise<ProcessSystem> {
    return this.#seams.startSystem(moduleUrl(module), system);
  }

  /** The exit code. */
  async #carryOut(order: RunOrder): Promise<number> {
    let stage: FailureStage = "input";
    this.#prepared ??= this.#prepare(order);
    let system: ProcessSystem | undefined;
    try {
      const definition = await definitionOf(order);
      const graph = buildGraph(definition, order.submit.params);
      if (order.outputs === "refuse") refuseOutputs(graph);
      await this.#say({ kind: "described", job: describe(graph) });
      stage = "run";
      system = (await this.#prepared) ?? (await this.#startSystem(order));
      for (const kind of forwardedFacts) system.on(kind, (fact) => void this.#say({ kind: "fact", fact }));
      stage = "input";
      const run = await system.submit(definition, order.submit);
      stage = "run";
      await this.#follow(run, system, graph);
      return 0;
    } catch (error) {
      await this.#say({ kind: "failed", stage, error: toWire(error) });
      return 1;
    } finally {
      await (system ?? (await this.#prepared))?.stop();
    }
  }

  async #follow(run: JobRun, system: ProcessSystem, graph: JobGraph): Promise<void> {
    this.#running.resolve(run);
    run.started.then(
      () => this.#say({ kind: "begun" }),
      () => undefined, // told by `completed` too
    );
    const printed = Promise.all(sinksOf(graph, "output").map((sink) => this.#seams.printEvents(run.output(sink))));
    // A reader that went away ends the run; with its own failure the run says more than its outputs do.
    printed.catch(() => void run.cancel());
    const report = await Promise.race([run.completed, system.failed]);
    await printed;
    for (const sink of sinksOf(graph, "collect")) await this.#sayCollected(sink, run.collected(sink));
    await this.#say({ kind: "ended", report });
  }

  async #sayCollected(sink: string, events: readonly unknown[]): Promise<void> {
    for (let from = 0; from === 0 || from < events.length; from += collectedPartEvents) {
      await this.#say({ kind: "collected", sink, events: events.slice(from, from + collectedPartEvents) });
    }
  }

  #onMessage(message: Exclude<SupervisorMessage, { kind: "run" | "prepare" }>): void {
    switch (message.kind) {
      case "drain":
      case "stop":
      case "cancel":
        this.#wish = message.kind;
        this.#running.promise.then((run) => this.#heed(run)).catch(() => undefined);
        return;
      case "question":
        return void this.#answer(message.id, message.question);
    }
  }

  #heed(run: JobRun): void {
    if (this.#wish !== "run") run[this.#wish]().catch(() => undefined); // told by `completed` too
  }

  async #answer(id: number, question: Question): Promise<void> {
    try {
      const run = await this.#running.promise;
      await this.#say({ kind: "answer", id, value: await answerTo(run, question) });
    } catch (error) {
      await this.#say({ kind: "refusal", id, error: toWire(error) });
    }
  }

  #onOrphaned(): void {
    const { parent, clock } = this.#seams;
    if (!this.#isOrdered) parent.exit(1);
    this.#onMessage({ kind: "cancel" });
    clock.after(orphanLimitMs, () => parent.exit(1));
  }

  #beat(): void {
    this.#seams.clock.after(processHeartbeatMs, () => {
      void this.#say({ kind: "alive" });
      this.#beat();
    });
  }

  #say(message: ProcessMessage): Promise<void> {
    return this.#seams.parent.send(message);
  }
}

function definitionOf({ module, job }: RunOrder): Promise<JobDefinition<unknown>> {
  return loadJob(module, job === undefined ? {} : { name: job });
}

function answerTo(run: JobRun, question: Question): Promise<unknown> {
  switch (question.kind) {
    case "report":
      return run.report();
    case "ask": {
      const { operator, instance, message, timeoutMs } = question;
      return run.actor(operator, instance).ask(message, { timeout: timeoutMs });
    }
  }
}

function describe(graph: JobGraph): DescribedJob {
  return {
    name: graph.name,
    operators: graph.nodes.map((node) => ({
      name: node.name,
      label: node.label,
      bounded: node.kind === "source" && node.spec.bounded,
    })),
  };
}

function sinksOf(graph: JobGraph, label: "output" | "collect"): string[] {
  return graph.nodes.filter((node) => node.placement.kind === "main" && node.label === label).map(({ name }) => name);
}

function refuseOutputs(graph: JobGraph): void {
  const [output] = sinksOf(graph, "output");
  if (output === undefined) return;
  throw new ProcessAccessError(
    `job ${JSON.stringify(graph.name)} has the output ${JSON.stringify(output)}, which nobody iterates over in another ` +
      "process: end that stream in collect, in a sink that writes, or in forEach",
    { details: { job: graph.name, output } },
  );
}
