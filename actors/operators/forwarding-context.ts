/** ForwardingContext: what an operator inside of another one is told, which is what the outer one is; subclasses say what differs. */

import type { EarlierEvent, OperatorContext } from "../operator.ts";
import { CopiedPlace } from "./event-context.ts";

export class ForwardingContext extends CopiedPlace implements OperatorContext {
  readonly #context: OperatorContext;

  constructor(context: OperatorContext) {
    super(context);
    this.#context = context;
  }

  watermark(): number {
    return this.#context.watermark();
  }

  readingMs(): number {
    return this.#context.readingMs();
  }

  wake(): void {
    this.#context.wake();
  }

  deadLetter(value: unknown, error: unknown, event?: EarlierEvent): void {
    this.#context.deadLetter(value, error, event);
  }

  fail(error: unknown, canResume?: boolean): void {
    this.#context.fail(error, canResume);
  }

  failEvent(value: unknown, error: unknown, event: EarlierEvent): void {
    this.#context.failEvent(value, error, event);
  }
}
