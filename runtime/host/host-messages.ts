/**
 * HostMessages: the messages of users on one host: sent, delivered, answered, or given up as dead letters.
 */

import type { Address } from "../address.ts";
import type { AskOutcome } from "../cells/cell-host.ts";
import { ActorUnknownError } from "../cells/delivery-error.ts";
import type { Envelope } from "../cells/mailbox.ts";
import { explain } from "../codec/codec.ts";
import { assertPlainData, NotPlainDataError } from "../codec/plain-data.ts";
import { fromWire, toWire, type WireError } from "../errors/wire-error.ts";
import { hostCountMax } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import type { DeadLetter, Fact } from "../system/fact.ts";
import { AskTable, HostLostError } from "./ask-table.ts";
import type { CellTable } from "./cell-table.ts";
import { DeadLetterOutlet } from "./dead-letter-outlet.ts";
import { type Frame, frameKind } from "./frame.ts";
import { HostStoppedError, LinkFullError } from "./host-error.ts";
import type { HostLinks } from "./host-links.ts";
import type { HostSettings } from "./host-settings.ts";

type FrameOf<Kind extends Frame[0]> = Extract<Frame, readonly [Kind, ...unknown[]]>;

export class HostMessages {
  readonly #host: number;
  readonly #workerCount: number;
  readonly #cells: CellTable;
  readonly #links: HostLinks;
  readonly #asks: AskTable;
  readonly #deadLetters: DeadLetterOutlet;
  #isStopped = false;

  constructor(
    { host, incarnation, workerCount }: HostSettings,
    clock: Clock,
    cells: CellTable,
    links: HostLinks,
    publish: (fact: Fact) => void,
  ) {
    this.#host = host;
    this.#workerCount = workerCount ?? hostCountMax;
    this.#cells = cells;
    this.#links = links;
    this.#asks = new AskTable(clock, incarnation);
    this.#deadLetters = new DeadLetterOutlet(clock, publish);
  }

  /** Throws ERR_RT_NOT_PLAIN_DATA when it cannot cross to the actor's host. */
  tell(to: Address, message: unknown, from: Address | undefined): void {
    const refusal = this.refusal(to);
    if (refusal !== undefined) return this.deadLetter(to, message, refusal);
    if (to.host === this.#host) {
      this.#deliver({ to: to.path, message, from, ask: undefined, failureCount: 0 });
      return;
    }
    const frame: Frame = [frameKind.tell, to.path, from?.path ?? null, from?.host ?? 0, message];
    if (!this.#send(to, frame, message)) this.deadLetter(to, message, new LinkFullError(to));
  }

  /** Resolves to the answer; rejects with ERR_RT_ASK_TIMEOUT after `timeoutMs`, and see `AskTable`. */
  ask(to: Address, message: unknown, timeoutMs: number, from: Address | undefined): Promise<unknown> {
    return this.#asks.open(to, timeoutMs, (askId) => {
      const refusal = this.refusal(to);
      if (refusal !== undefined) throw refusal;
      if (to.host === this.#host) {
        this.#deliver({ to: to.path, message, from, ask: { id: askId, host: this.#host }, failureCount: 0 });
        return;
      }
      const frame: Frame = [frameKind.ask, to.path, from?.path ?? null, from?.host ?? 0, askId, message];
      if (!this.#send(to, frame, message)) throw new LinkFullError(to);
    });
  }

  answer(ask: { readonly id: number; readonly host: number }, outcome: AskOutcome): void {
    if (ask.host === this.#host) {
      this.#asks.settle(ask.id, outcome.ok, outcome.ok ? outcome.value : outcome.error);
      return;
    }
    if (!outcome.ok) return this.#links.send(ask.host, [frameKind.answer, ask.id, false, toWire(outcome.error)]);
    try {
      this.#links.send(ask.host, [frameKind.answer, ask.id, true, outcome.value]);
    } catch (error) {
      const refused = refusedBy(error, outcome.value, "answer");
      this.#links.send(ask.host, [frameKind.answer, ask.id, false, toWire(refused)]);
    }
  }

  deadLetter(to: Address, value: unknown, error: unknown): void {
    this.#deadLetters.add(to.path, value, error);
    this.#links.flushSoon();
  }

  postDeadLetter(letter: DeadLetter): void {
    this.#deadLetters.put(letter);
    this.#links.flushSoon();
  }

  /** A message has come from another host. */
  onTell(peer: number, [, to, from, fromHost, message]: FrameOf<typeof frameKind.tell>): void {
    this.#links.messageTaken(peer);
    this.#deliver({ to, message, from: sender(from, fromHost), ask: undefined, failureCount: 0 });
  }

  /** A message that asks for an answer has come from another host. */
  onAsk(peer: number, [, to, from, fromHost, id, message]: FrameOf<typeof frameKind.ask>): void {
    this.#links.messageTaken(peer);
    this.#deliver({ to, message, from: sender(from, fromHost), ask: { id, host: peer }, failureCount: 0 });
  }

  onAnswer([, id, ok, value]: FrameOf<typeof frameKind.answer>): void {
    this.#asks.settle(id, ok, ok ? value : fromWire(value as WireError));
  }

  /** Why nothing can be sent to an address; undefined when something can. */
  refusal({ path, host }: Address): Error | undefined {
    if (this.#isStopped) return new HostStoppedError(this.#host);
    if (this.#links.isGone(host)) return new HostLostError(host, undefined);
    const isHost = Number.isInteger(host) && host >= 0 && host <= this.#workerCount;
    return isHost ? undefined : new ActorUnknownError(path, host);
  }

  /** The messages that were on their way to `host` are lost: their asks end now. */
  hostLost(host: number): void {
    this.#asks.hostLost(host, undefined);
  }

  /** Dead letters leave now. */
  flush(): void {
    this.#deadLetters.flush();
  }

  /** Nothing is sent any more; what waits for an answer is refused. */
  stop(): void {
    this.#isStopped = true;
    this.#asks.rejectAll(new HostStoppedError(this.#host));
    this.#deadLetters.flush();
  }

  #deliver(envelope: Envelope): void {
    const cell = this.#cells.get(envelope.to);
    if (cell !== undefined) return cell.deliver(envelope);
    const error = new ActorUnknownError(envelope.to, this.#host);
    if (envelope.ask !== undefined) this.answer(envelope.ask, { ok: false, error });
    else this.deadLetter({ path: envelope.to, host: this.#host }, envelope.message, error);
  }

  /** False when too many wait already. */
  #send(to: Address, frame: Frame, message: unknown): boolean {
    try {
      return this.#links.sendMessage(to.host, frame);
    } catch (error) {
      throw refusedBy(error, message, "message");
    }
  }
}

/** The error of the encoder, with a path that begins at what the user sent and not at our frame. */
function refusedBy(error: unknown, value: unknown, name: string): unknown {
  if (!(error instanceof NotPlainDataError)) return error;
  return explain(error, name, () => assertPlainData(value, name));
}

function sender(path: string | null, host: number): Address | undefined {
  return path === null ? undefined : { path, host };
}
