/** TransactionalWriter: the seam between a transactional sink and what it writes to. One writer is one incarnation. */

import { OptionError } from "../../runtime/index.ts";
import type { OperatorContext } from "../operator.ts";

/**
 * Any function may be async. Calls do not overlap, except with those of an earlier incarnation on a thread that hangs.
 *
 * @typeParam Row what is written of one event
 * @typeParam Transaction an open transaction
 * @typeParam Handle names a prepared one: plain data that msgpack can carry
 */
export interface TransactionalWriter<Row, Transaction, Handle> {
  /** Opens connections. May reject: the failure is supervised like any other. */
  open?(context: OperatorContext): void | Promise<void>;
  /**
   * Called before the first `begin`, when everything in the checkpoint is committed: aborts whatever else was begun or
   * prepared under names that begin as `left` says. Once for what earlier incarnations of this instance may have left, and
   * once for each instance that is not there any more and whose part this one has; also for a name that the sink had.
   *
   * @param newest the last transaction that was committed there, if there is one
   */
  recover?(newest: Handle | undefined, left: LeftTransactions): void | Promise<void>;
  /** @param name unique; those of one instance begin with the same `<job>/<sink>/<instance>/` */
  begin(name: string): Transaction | Promise<Transaction>;
  write(transaction: Transaction, rows: readonly Row[]): void | Promise<void>;
  /**
   * Makes the transaction safe, and shows nothing of it. From now on `commit` must be able to commit it, in another
   * process as well.
   */
  prepare(transaction: Transaction): Handle | Promise<Handle>;
  /**
   * Shows a prepared transaction, of this instance or of one that is not there any more. It is called again for one that was
   * committed, and then does nothing.
   */
  commit(handle: Handle, about: CommitInfo): void | Promise<void>;
  /** Gives an open transaction up, when the sink stops or starts over. */
  abort?(transaction: Transaction): void | Promise<void>;
  /**
   * Whether it is of no use to try again what `commit` or `recover` failed with: the sink fails then, and its supervisor
   * decides; the handle stays in the checkpoint. Default: it is tried again for ever.
   */
  isLasting?(error: unknown): boolean;
  close?(): void | Promise<void>;
}

/** Whose unfinished transactions are to be aborted. */
export interface LeftTransactions {
  /** The number of the instance that may have left some. */
  readonly instance: number;
  /** `<job>/<sink>/<instance>/`, as in `begin`. */
  readonly namesBeginWith: string;
}

/** Which transaction is committed: together unique, and the same whenever it is committed again. */
export interface CommitInfo {
  readonly job: string;
  /** The name of the sink when it was prepared. */
  readonly operator: string;
  /** The instance that has prepared it. */
  readonly instance: number;
  /** Another one whenever epochs are counted from the beginning: after a start without a checkpoint. */
  readonly history: string;
  /** Increases. Without epochs, under at-most-once, it counts the transactions. */
  readonly epoch: number;
  /** Increases within an epoch, from 0: there are several transactions when one was full. */
  readonly part: number;
}

/** Throws ERR_RT_OPTION for what is no writer. */
export function checkWriter<W extends TransactionalWriter<unknown, unknown, unknown>>(writer: W, what: string): W {
  const isWriter = (["begin", "write", "prepare", "commit"] as const).every(
    (name) => typeof writer?.[name] === "function",
  );
  if (isWriter) return writer;
  const expected = "to return a writer with `begin`, `write`, `prepare` and `commit`";
  throw new OptionError(`${what}: create`, writer, expected);
}
