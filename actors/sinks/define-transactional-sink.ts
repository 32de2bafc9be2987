/** defineTransactionalSink: a sink of the author's own making whose output becomes visible with the checkpoint. */

import { checkNames, OptionError, wholeNumber } from "../../runtime/index.ts";
import { transactionEventsMaxAllowed, transactionEventsMaxDefault } from "../limits.ts";
import type { SinkSpec } from "../sink.ts";
import { TransactionalLogic, type TransactionalSettings } from "../transactions/transactional-logic.ts";
import type { TransactionalWriter } from "../transactions/transactional-writer.ts";

export interface TransactionalSinkDefinition<T, Row, Transaction, Handle> {
  /** What it writes to, for plans and errors: `postgres`, `kafka`. */
  readonly kind: string;
  /** Where it writes to, for plans and errors. */
  readonly origin?: string;
  /** Makes a writer: one for each instance, and a new one at each restart. */
  readonly create: () => TransactionalWriter<Row, Transaction, Handle>;
  /**
   * Makes of an event what is written of it; by default the event itself. What it throws is a failure of that event alone,
   * whereas `write` fails the sink.
   */
  readonly encode?: (event: T) => Row;
  /**
   * Events of one transaction; default `transactionEventsMaxDefault`. When an epoch has more, there are several
   * transactions, committed one after the other.
   */
  readonly eventsMax?: number;
}

/**
 * A sink from a function that makes its writers. Under at-least-once and exactly-once the events of an epoch are one
 * transaction: it is prepared at the barrier, its handle is part of the checkpoint, and it is committed when that is
 * complete. A commit that fails is tried again for ever, and nothing later is shown before it: the stream waits, and the
 * report of the run says for what. Under at-most-once, a transaction is prepared and committed about every
 * `transactionIntervalMs`.
 *
 * ```ts
 * const table = defineTransactionalSink<Row, Transaction, string>({
 *   kind: "table",
 *   create: () => {
 *     const client = new Client();
 *     return {
 *       open: () => client.connect(),
 *       recover: (_newest, { namesBeginWith }) => client.rollbackPrepared({ namesBeginWith }),
 *       begin: (name) => client.begin(name),
 *       write: (transaction, rows) => transaction.insert(rows),
 *       prepare: async (transaction) => {
 *         await transaction.prepare();
 *         return transaction.name;
 *       },
 *       commit: (name) => client.commitPrepared(name, { ifExists: true }),
 *       abort: (transaction) => transaction.rollback(),
 *       close: () => client.end(),
 *     };
 *   },
 * });
 * ```
 *
 * A failing `begin`, `write` or `prepare` fails the sink, which goes back to the checkpoint; where its supervisor says
 * resume, the events that could not be written become dead letters.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 */
export function defineTransactionalSink<T, Transaction = unknown, Handle = unknown, Row = T>(
  definition: TransactionalSinkDefinition<T, Row, Transaction, Handle>,
): SinkSpec<T> {
  const what = "defineTransactionalSink";
  checkNames(what, definition, { kind: true, origin: true, create: true, encode: true, eventsMax: true });
  const { kind, origin, create, encode, eventsMax = transactionEventsMaxDefault } = definition;
  if (typeof kind !== "string" || kind.length === 0) throw new OptionError(`${what}: kind`, kind, "a word");
  if (origin !== undefined && typeof origin !== "string") throw new OptionError(`${what}: origin`, origin, "a string");
  if (typeof create !== "function") throw new OptionError(`${what}: create`, create, "a function that makes a writer");
  if (encode !== undefined && typeof encode !== "function") {
    throw new OptionError(`${what}: encode`, encode, "a function of an event");
  }
  const settings: TransactionalSettings = {
    what,
    create: create as unknown as TransactionalSettings["create"],
    encode: (encode as TransactionalSettings["encode"] | undefined) ?? ((event) => event),
    eventsMax: wholeNumber(`${what}: eventsMax`, eventsMax, 1, transactionEventsMaxAllowed),
  };
  return {
    kind,
    ...(origin === undefined ? {} : { origin }),
    heads: true,
    create: (guarantee) => new TransactionalLogic(settings, guarantee),
  };
}
