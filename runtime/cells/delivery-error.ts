/** Why a message could not be handed to an actor, or put aside by it. */

import { MillraceError } from "../errors/millrace-error.ts";
import { stashMessagesMax } from "../limits.ts";

export class ActorStoppedError extends MillraceError {
  readonly code = "ERR_RT_ACTOR_STOPPED";
  constructor(path: string) {
    super(`${path} has stopped and takes no messages`, { details: { path } });
  }
}

export class ActorUnknownError extends MillraceError {
  readonly code = "ERR_RT_ACTOR_UNKNOWN";
  constructor(path: string, host: number) {
    super(`no actor lives at ${path} (host ${host})`, { details: { path, host } });
  }
}

/** Without the calls that led to it: a flood makes one for each message, they say nothing of its sender, and take most of the time. */
export class MailboxFullError extends MillraceError {
  readonly code = "ERR_RT_MAILBOX_FULL";
  constructor(path: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`the mailbox of ${path} is full; the message was not taken`, { details: { path } });
    Error.stackTraceLimit = limit;
  }
}

export class NothingToStashError extends MillraceError {
  readonly code = "ERR_RT_NOTHING_TO_STASH";
  constructor(path: string) {
    super(`${path} called stash() while it was handling no message`, { details: { path } });
  }
}

export class StashFullError extends MillraceError {
  readonly code = "ERR_RT_STASH_FULL";
  constructor(path: string) {
    super(`${path} has ${stashMessagesMax} messages stashed, the most allowed`, { details: { path } });
  }
}

/** Thrown by a logic that does not handle a message: no failure of the actor, but a dead letter, or the answer to an ask. */
export class UnhandledMessageError extends MillraceError {
  readonly code = "ERR_RT_UNHANDLED_MESSAGE";
  constructor(path: string, why: string) {
    super(`${path} did not handle a message: ${why}`, { details: { path } });
  }
}
