/**
 * The root of every error that millrace throws: a class with a stable `code`, a message that says what happened, the
 * values and what is allowed, plain `details`, and a chained `cause`.
 *
 * Codes begin with the room that owns the error: ERR_RT_ (runtime), ERR_ACT_ (actors), ERR_JOB_ (jobs).
 */

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Plain data that names the place and the values; crosses threads with the error. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export abstract class MillraceError extends Error {
  abstract readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details ?? {};
  }
}
