/** ActorContext: what a hand-written actor can do besides handling messages. */

import type { Address } from "../address.ts";
import type { Duration } from "../duration.ts";
import type { Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { ActorDefinition, Receive } from "./actor-definition.ts";
import type { ActorRef } from "./actor-ref.ts";

export interface SpawnOptions<Args> {
  /** Plain data handed to the setup of every incarnation. */
  readonly args?: Args;
  /** User messages that may wait; the next one becomes a dead letter. */
  readonly mailboxMessagesMax?: number;
}

export interface ActorContext {
  readonly self: Address;
  /** Raised at every restart, from 0. */
  readonly incarnation: number;
  /** Who sent the message in hand; undefined outside a message and for senders that are no actors. */
  readonly sender: Address | undefined;
  readonly clock: Clock;
  readonly logger: Logger;

  /** A handle to another actor, whose messages carry this actor as their sender. */
  actor<Message = unknown, Reply = unknown>(address: Address): ActorRef<Message, Reply>;
  /** Starts a child on this thread; this actor supervises it. Throws ERR_RT_OPTION for a bad or taken name. */
  spawn<Message, Reply, Args>(
    definition: ActorDefinition<Message, Reply, Args>,
    name: string,
    options?: SpawnOptions<Args>,
  ): ActorRef<Message, Reply>;
  /** Stops a child, or this actor itself. */
  stop(child?: Address): void;
  /** `onTerminated` will be called when the actor has stopped for good; at once when it already has. */
  watch(actor: Address): void;
  unwatch(actor: Address): void;

  /** From the next message on, `receive` handles messages. */
  become<Message>(receive: Receive<Message>): void;
  /** Puts the message in hand aside; an ask stays open. */
  stash(): void;
  /** Puts the stashed messages back in front of the mailbox, oldest first. */
  unstashAll(): void;

  /** Sends `message` to this actor itself after `delay`; a timer of the same name is replaced. Ends with the incarnation. */
  after(timer: string, delay: Duration, message: unknown): void;
  /** Like `after`, again and again. */
  every(timer: string, interval: Duration, message: unknown): void;
  cancel(timer: string): void;
}
