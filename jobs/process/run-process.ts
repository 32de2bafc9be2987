/**
 * RunProcess: one process of a supervised run, from its start to its end: hands it its order, keeps the last it wrote, kills it
 * when it is silent.
 *
 * Invariants
 *  R1  the order is given once, when the process is ready and not before `go`; but for that there is one to prepare for,
 *      nothing is sent before it.
 *  R2  a process that says nothing for its hang limit is killed; time in which this process itself was kept away does not
 *      count (W2 of the watchdog).
 *
 * Not here: what follows its end (supervised-run.ts).
 */

import {
  type CancelTimer,
  type ChildProcess,
  type Clock,
  type ProcessEnd,
  type ProcessLauncher,
  Watchdog,
} from "../../runtime/index.ts";
import { errorTextCharactersMax, processHeartbeatMs } from "../limits.ts";
import type { ProcessMessage, RunOrder, SupervisorMessage } from "./process-protocol.ts";
import type { LastWord } from "./process-supervision.ts";
import { TextTail } from "./text-tail.ts";

export interface RunProcessHooks {
  onMessage(message: ProcessMessage): void;
  onErrorText(text: string): void;
  onEnd(end: ProcessEnd): void;
}

export interface RunProcessSettings {
  readonly launcher: ProcessLauncher;
  readonly clock: Clock;
  /** The module that the process runs. */
  readonly module: string;
  readonly order: RunOrder;
  readonly hangLimitMs: number;
  /** Whether it prepares itself, and runs the job only after `go`. */
  readonly standsBy: boolean;
}

/** The one that is watched. */
const watched = 0;

export class RunProcess {
  readonly #settings: RunProcessSettings;
  readonly #hooks: RunProcessHooks;
  readonly #child: ChildProcess;
  readonly #tail = new TextTail(errorTextCharactersMax);
  readonly #watchdog: Watchdog;
  readonly #waiting: SupervisorMessage[] = [];
  #messageCount = 0;
  #isReady = false;
  #isOrdered = false;
  #standsBy: boolean;
  #lastWord: LastWord = { kind: "none" };
  #killReason: string | undefined;
  #cancelTick: CancelTimer = () => undefined;

  constructor(settings: RunProcessSettings, hooks: RunProcessHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#standsBy = settings.standsBy;
    this.#watchdog = new Watchdog({ limitMs: settings.hangLimitMs, tickMs: processHeartbeatMs });
    this.#watchdog.watch(watched, 0);
    this.#child = settings.launcher.start(settings.module, {
      onMessage: (message) => this.#onMessage(message as ProcessMessage),
      onErrorText: (text) => {
        this.#tail.add(text);
        hooks.onErrorText(text);
      },
      onEnd: (end) => {
        this.#cancelTick();
        hooks.onEnd(end);
      },
    });
    this.#tick();
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get lastWord(): LastWord {
    return this.#lastWord;
  }

  /** The last that it wrote to standard error. */
  get errorText(): string {
    return this.#tail.text;
  }

  get killReason(): string | undefined {
    return this.#killReason;
  }

  /** Runs the job from now on. */
  go(): void {
    this.#standsBy = false;
    if (this.#isReady) this.#giveOrder();
  }

  /** Sent behind the order. */
  send(message: SupervisorMessage): void {
    if (this.#isOrdered) this.#child.send(message);
    else this.#waiting.push(message);
  }

  kill(reason: string): void {
    this.#killReason ??= reason;
    this.#child.kill("SIGKILL");
  }

  #onMessage(message: ProcessMessage): void {
    this.#messageCount += 1;
    if (message.kind === "ready") return this.#onReady();
    if (message.kind === "ended") this.#lastWord = { kind: "ended" };
    if (message.kind === "failed") this.#lastWord = { kind: "failed", error: message.error };
    this.#hooks.onMessage(message);
  }

  #onReady(): void {
    this.#isReady = true;
    if (!this.#standsBy) return this.#giveOrder();
    this.#child.send({ kind: "prepare", order: this.#settings.order } satisfies SupervisorMessage);
  }

  #giveOrder(): void {
    if (this.#isOrdered) return;
    this.#isOrdered = true;
    this.#child.send({ kind: "run", order: this.#settings.order } satisfies SupervisorMessage);
    for (const message of this.#waiting.splice(0)) this.#child.send(message);
  }

  #tick(): void {
    const { clock, hangLimitMs } = this.#settings;
    this.#cancelTick = clock.after(processHeartbeatMs, () => {
      const progress = { counter: this.#messageCount, isExcused: false };
      const [hang] = this.#watchdog.tick(clock.monotonicMs(), () => progress);
      if (hang === undefined) this.#tick();
      else
        this.kill(`it made no sign of life for ${Math.round(hang.silentMs)} ms, at most ${hangLimitMs} ms are allowed`);
    });
  }
}
