/** ActorRef: a handle to send messages to one actor. Addresses are plain data and travel in messages; refs do not. */

import type { Address } from "../address.ts";
import { type Duration, durationMs } from "../duration.ts";
import { OptionError } from "../errors/option-error.ts";
import { checkNames, type OptionNames } from "../errors/option-names.ts";

export interface AskOptions {
  /** How long to wait for the answer. Mandatory: nothing waits for ever. */
  readonly timeout: Duration;
}

export interface ActorRef<Message = unknown, Reply = unknown> {
  readonly address: Address;
  /** Sends a message and forgets it. Throws ERR_RT_NOT_PLAIN_DATA when it cannot cross to the actor's thread. */
  tell(message: Message): void;
  /**
   * Sends a message and resolves to what the actor's handler returned (or resolved to).
   * Rejects with ERR_RT_ASK_TIMEOUT, ERR_RT_ACTOR_UNKNOWN, ERR_RT_ACTOR_STOPPED, ERR_RT_MAILBOX_FULL, ERR_RT_HOST_LOST,
   * or the error with which the handler failed.
   */
  ask(message: Message, options: AskOptions): Promise<Reply>;
}

/** Who can send: a host, on behalf of `from` or of nobody. */
interface MessageSender {
  tell(to: Address, message: unknown, from?: Address): void;
  ask(to: Address, message: unknown, timeoutMs: number, from?: Address): Promise<unknown>;
}

export function actorRef<Message, Reply>(
  sender: MessageSender,
  address: Address,
  from?: Address,
): ActorRef<Message, Reply> {
  return {
    address,
    tell: (message) => sender.tell(address, message, from),
    ask: (message, options) => sender.ask(address, message, askTimeoutMs(options), from) as Promise<Reply>,
  };
}

const askOptionNames: OptionNames<AskOptions> = { timeout: true };

/** Throws ERR_RT_OPTION when no deadline was given. */
function askTimeoutMs(options: AskOptions | undefined): number {
  if (options?.timeout === undefined) throw new OptionError("ask: timeout", undefined, 'a duration such as "1s"');
  checkNames("ask", options, askOptionNames);
  if (options.timeout === knownTimeout) return knownTimeoutMs;
  knownTimeoutMs = durationMs(options.timeout, "ask: timeout");
  knownTimeout = options.timeout;
  return knownTimeoutMs;
}

/** The last one, which most often is the next one, too. */
let knownTimeout: Duration | undefined;
let knownTimeoutMs = 0;
