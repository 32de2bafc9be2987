/** WriterCalls: each step of a transactional sink as a call of its writer; what a call returns may be a promise. */

import { faultPoint } from "../../runtime/index.ts";
import type { OperatorContext } from "../operator.ts";
import type { PreparedTransaction } from "./transaction-log.ts";
import type { Leftovers } from "./transaction-logs.ts";
import type { WorkStep } from "./transaction-step.ts";
import type { TransactionalWriter } from "./transactional-writer.ts";

/** What a step works on. */
export interface StepMaterial {
  readonly leftovers: Leftovers | undefined;
  /** The open transaction. */
  readonly transaction: unknown;
  readonly rows: readonly unknown[];
}

export class WriterCalls {
  readonly #context: OperatorContext;
  readonly #writer: TransactionalWriter<unknown, unknown, unknown>;

  constructor(context: OperatorContext, writer: TransactionalWriter<unknown, unknown, unknown>) {
    this.#context = context;
    this.#writer = writer;
  }

  make(step: WorkStep, { leftovers, transaction, rows }: StepMaterial): unknown {
    switch (step.kind) {
      case "recover":
        faultPoint("sink.recover.before");
        return this.#recover(leftovers as Leftovers);
      case "begin":
        return this.#begin();
      case "write":
        return this.#writer.write(transaction, rows);
      case "prepare":
        faultPoint("sink.prepare.before");
        return this.#writer.prepare(transaction);
      case "commit":
        faultPoint("sink.commit.before");
        return this.#commit(step.transaction);
    }
  }

  /** Whether the same would fail again for ever. */
  isLasting(error: unknown): boolean {
    return this.#writer.isLasting?.(error) === true;
  }

  async abort(transaction: unknown): Promise<void> {
    await this.#writer.abort?.(transaction);
  }

  async close(): Promise<void> {
    await this.#writer.close?.();
  }

  #recover({ operator, instance, newest }: Leftovers): unknown {
    const namesBeginWith = namesBeginWithOf(this.#context.job, operator, instance);
    return this.#writer.recover?.(newest?.handle, { instance, namesBeginWith });
  }

  #begin(): unknown {
    const { job, operator, instance, random } = this.#context;
    return this.#writer.begin(`${namesBeginWithOf(job, operator, instance)}${random.id()}`);
  }

  #commit({ handle, ...names }: PreparedTransaction): unknown {
    return this.#writer.commit(handle, { job: this.#context.job, ...names });
  }
}

/** What the names of the transactions of one instance begin with. */
function namesBeginWithOf(job: string, operator: string, instance: number): string {
  return `${job}/${operator}/${instance}/`;
}
