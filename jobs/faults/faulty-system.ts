/**
 * FaultySystem: an actor system whose worker threads, store and first thread fail by a plan. What happens within a thread
 * that thread does to itself (thread-faults.ts); this one ends threads from outside, holds up writes, and says when it is time.
 */

import { type ActorSystemOptions, moduleBeside, SystemClock } from "../../runtime/index.ts";
import { ActorSystem, type SubmitOptions } from "../actor-system.ts";
import type { JobDefinition } from "../define-job.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import type { LetterBox } from "../letters/letter-box.ts";
import type { CellModule, JobRun } from "../run/job-run.ts";
import type { FaultAction, FaultTarget } from "../simulation/fault-action.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import { noteStrike } from "./fault-journal.ts";
import { FaultSchedule } from "./fault-schedule.ts";
import { type FaultSetting, tellThreads } from "./fault-setting.ts";
import { FaultSlots } from "./fault-slots.ts";
import type { FaultyCellArgs } from "./faulty-cell.ts";
import { faultyStore, StoreFaults } from "./faulty-store.ts";
import { isProcessFault } from "./real-fault-error.ts";
import { isThreadAction, realStrike } from "./real-strike.ts";

export interface FaultySystemOptions extends ActorSystemOptions {
  readonly faults: FaultSetting;
}

export class FaultySystem extends ActorSystem {
  readonly #setting: FaultSetting;
  readonly #slots: FaultSlots;
  readonly #storeFaults: StoreFaults;
  readonly #clock = new SystemClock();
  #schedule: FaultSchedule | undefined;
  #isEnded = false;

  private constructor({ faults, ...options }: FaultySystemOptions) {
    super(options);
    const memory = FaultSlots.memoryFor(faults.faults.length);
    this.#setting = faults;
    this.#slots = new FaultSlots(memory);
    this.#storeFaults = new StoreFaults(this.#clock);
    tellThreads(faults.id, { ...faults, memory });
  }

  /** Throws ERR_RT_OPTION, ERR_RT_THREAD_START. */
  static override async start(options: FaultySystemOptions): Promise<FaultySystem> {
    return ActorSystem.started(new FaultySystem(options));
  }

  /** As of any system. */
  static override async startAhead(moduleUrl: string, options: FaultySystemOptions): Promise<FaultySystem> {
    return ActorSystem.startedAhead(new FaultySystem(options), moduleUrl);
  }

  /** As of any system; for the faults that are due at a time, time begins. */
  override async submit<P>(definition: JobDefinition<P>, options: SubmitOptions<P> = {}): Promise<JobRun> {
    const run = await super.submit(definition, options);
    this.#begin();
    return run;
  }

  override async stop(): Promise<void> {
    this.#isEnded = true;
    this.#schedule?.end();
    await super.stop();
    tellThreads(this.#setting.id, undefined);
  }

  protected override get cellModule(): CellModule {
    return { url: faultyCellModule, args: { faults: this.#setting.id } satisfies FaultyCellArgs };
  }

  protected override async openStore(
    settings: Parameters<ActorSystem["openStore"]>[0],
    graph: JobGraph,
    jobPlan: JobPlan,
    letters: LetterBox,
  ): Promise<CheckpointStore> {
    return faultyStore(await super.openStore(settings, graph, jobPlan, letters), this.#storeFaults);
  }

  #begin(): void {
    const isMine = (action: FaultAction) => !isProcessFault(action);
    this.#schedule = new FaultSchedule(this.#setting, this.#clock, isMine, (action, index) => this.#due(action, index));
    this.#look();
  }

  /** False when there is nothing to strike now. */
  #due(action: FaultAction, index: number): boolean {
    switch (action.kind) {
      case "fail-write":
        this.#storeFaults.failWrites(action.count);
        return this.#note(index);
      case "slow-write":
        this.#storeFaults.slow(action.delayMs, action.forMs);
        return this.#note(index);
      case "stall":
        this.#slots.lastUntil(index, this.#nowMs + action.forMs);
        return this.#note(index);
      case "fail":
      case "fail-start":
      case "fail-commit":
        this.#slots.add(index, "count" in action ? action.count : 1, 0);
        return this.#note(index);
      default:
        return "target" in action && this.#onHost(action, this.#hostOf(action.target), index);
    }
  }

  #onHost(action: FaultAction, host: number | undefined, index: number): boolean {
    if (host === undefined) return false;
    if (host === 0) {
      if (!isThreadAction(action)) return false;
      this.#note(index);
      realStrike(action, this.#clock);
      return true;
    }
    if (action.kind === "crash") return this.killThread(host) && this.#note(index);
    // That thread, or the one that takes its place, does it and says so.
    this.#slots.add(index, 1, host);
    return true;
  }

  #hostOf(target: FaultTarget): number | undefined {
    if (target.kind === "host") return target.host;
    return this.runs.at(-1)?.actor(target.operator, target.instance).address.host;
  }

  #note(fault: number): true {
    noteStrike(this.#setting.journal, { fault, atMs: this.#nowMs });
    return true;
  }

  get #nowMs(): number {
    return this.#clock.wallMs() - this.#setting.startMs;
  }

  /** Threads that have come to the event at which they are to be ended. */
  #look(): void {
    if (this.#isEnded) return;
    this.#setting.faults.forEach(({ action }, index) => {
      // One that is being replaced is ended when it is there.
      if (action.kind === "crash" && this.#slots.isDue(index) && this.killThread(this.#slots.hostOf(index))) {
        this.#slots.take(index);
      }
    });
    this.#clock.after(lookEveryMs, () => this.#look());
  }
}

const lookEveryMs = 5;

/** The module that worker threads load; `.ts` in the sources, `.js` in the built package. */
const faultyCellModule = moduleBeside(import.meta.url, "faulty-cell");
