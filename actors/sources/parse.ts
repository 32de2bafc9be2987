/**
 * parse: values from outside, checked by a schema of any library that speaks Standard Schema (zod, valibot, arktype).
 *
 * Source of the interface: https://standardschema.dev
 */

import type { StandardSchemaV1 } from "@standard-schema/spec";
import { MillraceError, OptionError } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { OperatorLogic, OperatorSpec, Output, PartContext } from "../operator.ts";
import { checkOnInvalid, handleInvalid, InvalidInputError, type OnInvalid } from "./invalid-input.ts";

export interface ParseOptions {
  /** What happens to a value that does not fit: a dead letter (default), a failure of the event, or what the function does. */
  readonly onInvalid?: OnInvalid;
}

/** A schema that answers with a promise. */
export class AsyncSchemaError extends MillraceError {
  readonly code = "ERR_ACT_SCHEMA_ASYNC";

  constructor(operator: string, vendor: string) {
    super(
      `the ${vendor} schema of "${operator}" validates asynchronously, which parse does not wait for; use mapAsync with it`,
      { details: { operator, vendor } },
    );
  }
}

/**
 * An operator that turns each value into what the schema makes of it.
 *
 * @throws ERR_RT_OPTION when `schema` is no Standard Schema, or an option is not allowed
 * An event fails with ERR_ACT_INVALID_INPUT when `onInvalid` is `"fail"`, and with ERR_ACT_SCHEMA_ASYNC.
 */
export function parse<S extends StandardSchemaV1>(schema: S, options: ParseOptions = {}): OperatorSpec {
  const standard = (schema as Partial<S> | undefined)?.["~standard"];
  if (standard?.version !== 1 || typeof standard.validate !== "function") {
    throw new OptionError("parse: schema", schema, "a schema that implements Standard Schema version 1");
  }
  const onInvalid = checkOnInvalid("parse: onInvalid", options.onInvalid);
  return { kind: "parse", outputs: ["out"], create: () => new ParseLogic(standard, onInvalid) };
}

class ParseLogic implements OperatorLogic {
  readonly #standard: StandardSchemaV1.Props;
  readonly #onInvalid: OnInvalid;
  #context: PartContext | undefined;

  constructor(standard: StandardSchemaV1.Props, onInvalid: OnInvalid) {
    this.#standard = standard;
    this.#onInvalid = onInvalid;
  }

  open(context: PartContext): void {
    this.#context = context;
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): void {
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      const result = this.#standard.validate(values[index]);
      if (result instanceof Promise) {
        // Nobody waits for it; a rejection would otherwise be unhandled.
        result.catch(() => {});
        throw new AsyncSchemaError(this.#context!.operator, this.#standard.vendor);
      }
      if (result.issues === undefined) output.emit(result.value);
      else this.#refuse(result.issues, values[index]);
    }
  }

  #refuse(issues: readonly StandardSchemaV1.Issue[], value: unknown): void {
    const reason = issues.slice(0, issuesNamedMax).map(describeIssue).join("; ");
    const more = issues.length > issuesNamedMax ? `; and ${issues.length - issuesNamedMax} more` : "";
    const error = new InvalidInputError(`"${this.#context!.operator}"`, "an event", `${reason}${more}`);
    handleInvalid(this.#onInvalid, this.#context!, error, value);
  }
}

const issuesNamedMax = 5;

function describeIssue({ message, path }: StandardSchemaV1.Issue): string {
  const keys = path?.map((part) => String(typeof part === "object" ? part.key : part)) ?? [];
  return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
}
