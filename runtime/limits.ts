/** Bounds of the runtime, each with its unit. Reaching one has the effect that its line says. */

/** A longer name is refused (ERR_RT_OPTION). */
export const nameCharactersMax = 128;
/** More hosts are refused (ERR_RT_OPTION). */
export const hostCountMax = 256;
/** A user message to a full mailbox becomes a dead letter (ERR_RT_MAILBOX_FULL). */
export const mailboxMessagesDefault = 10_000;
/** A host yields to its event loop after this time of turns in a row. */
export const turnBudgetMs = 8;
/** A packet is posted when it holds this many bytes, or at the end of the turns. */
export const packetBytesSoft = 256 * 1024;
/** A larger frame is refused at the sender (ERR_RT_FRAME_TOO_LARGE). */
export const frameBytesMax = 64 * 1024 * 1024;
/** User messages on their way to one other host; further ones wait in the link's queue. */
export const linkCreditMessages = 4_096;
/** User messages that wait for credit, or for a host being replaced; the next becomes a dead letter (ERR_RT_LINK_FULL). */
export const linkQueueMessagesMax = 100_000;
/** Messages put aside with `stash`; the next one fails the actor (ERR_RT_STASH_FULL). */
export const stashMessagesMax = 10_000;
/** The newest dead letters kept for inspection; all are counted. */
export const deadLettersKeptMax = 1_000;
/** Asks that wait for an answer on one host; the next is refused (ERR_RT_TOO_MANY_ASKS). */
export const asksPendingMax = 100_000;
