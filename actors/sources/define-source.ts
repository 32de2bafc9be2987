/** defineSource: a source of the author's own making. */

import { checkNames, OptionError } from "../../runtime/index.ts";
import type { SourceReader, SourceSpec } from "../source.ts";

export interface SourceDefinition<T> {
  /** What it reads, for plans and errors: `kafka`, `sensor`. */
  readonly kind: string;
  /** Where it reads from, for plans and errors. */
  readonly origin?: string;
  /** Whether it ends by itself; default false. */
  readonly bounded?: boolean;
  /** Whether `open` accepts what `position` returned; the readers must then have `position`. Default false. */
  readonly replayable?: boolean;
  /**
   * Whether one that is replayable is opened at a position at little cost, however far that is. Under at-least-once and exactly-once it
   * is then opened again whenever an operator behind it on its thread fails, and what it emits is not kept in memory until a checkpoint
   * is complete, which makes it faster. Default false.
   */
  readonly seeks?: boolean;
  /**
   * Whether its input delivers again what was not acknowledged, as message brokers do; the readers must then have `acknowledge`
   * and `position`, and `open` is given the last position stored. Default false.
   */
  readonly acknowledging?: boolean;
  /** Makes a reader: one for each instance, and a new one at each restart. */
  readonly create: () => SourceReader<T>;
}

/**
 * A source from a function that makes its readers.
 *
 * ```ts
 * const countdown = (from: number) =>
 *   defineSource<number>({
 *     kind: "countdown",
 *     bounded: true,
 *     replayable: true,
 *     create: () => {
 *       let next = from;
 *       return {
 *         open: (_context, position) => {
 *           if (typeof position === "number") next = position;
 *         },
 *         poll: (output, eventCountMax) => {
 *           for (let count = 0; count < eventCountMax && next > 0; count += 1) {
 *             output.emit(next);
 *             next -= 1;
 *           }
 *           return next > 0 ? "more" : "end";
 *         },
 *         position: () => next,
 *       };
 *     },
 *   });
 * ```
 *
 * A source whose input has to be told what was taken is `acknowledging`: its readers get `acknowledge(position)` when nothing
 * before that position will be asked for again. With a log that has offsets it is `replayable` as well, and exact. With a queue
 * that delivers again what was not acknowledged, events come twice when the process dies between a checkpoint and its
 * acknowledgement, unless the position holds the ids of the last ones and `open` lets the reader leave them out.
 *
 * A reader that has nothing to emit now returns `"waiting"` and calls `context.wake()` when it has; it is polled no
 * sooner than that. A poll must not take long: it is the author's turn, and others wait for theirs.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 */
export function defineSource<T>(definition: SourceDefinition<T>): SourceSpec<T> {
  checkNames("defineSource", definition, {
    kind: true,
    origin: true,
    bounded: true,
    replayable: true,
    seeks: true,
    acknowledging: true,
    create: true,
  });
  const {
    kind,
    origin,
    bounded = false,
    replayable = false,
    seeks = false,
    acknowledging = false,
    create,
  } = definition;
  if (typeof kind !== "string" || kind.length === 0) throw new OptionError("defineSource: kind", kind, "a word");
  if (origin !== undefined && typeof origin !== "string")
    throw new OptionError("defineSource: origin", origin, "a string");
  for (const [name, value] of Object.entries({ bounded, replayable, acknowledging })) {
    if (typeof value !== "boolean") throw new OptionError(`defineSource: ${name}`, value, "true or false");
  }
  if (typeof seeks !== "boolean" || (seeks && !replayable)) {
    throw new OptionError("defineSource: seeks", seeks, "true or false, and true only for a source that is replayable");
  }
  if (typeof create !== "function")
    throw new OptionError("defineSource: create", create, "a function that makes a reader");
  return {
    kind,
    bounded,
    replayable,
    seeks,
    acknowledging,
    ...(origin === undefined ? {} : { origin }),
    create: () => checkReader(create(), replayable, acknowledging),
  };
}

function checkReader<T>(reader: SourceReader<T>, replayable: boolean, acknowledging: boolean): SourceReader<T> {
  const isReader = typeof reader?.open === "function" && typeof reader.poll === "function";
  if (!isReader) throw new OptionError("defineSource: create", reader, "to return a reader with `open` and `poll`");
  if (replayable) checkMethod(reader, "position", "replayable");
  if (acknowledging)
    for (const name of ["position", "acknowledge"] as const) checkMethod(reader, name, "acknowledging");
  return reader;
}

function checkMethod<T>(reader: SourceReader<T>, name: "position" | "acknowledge", what: string): void {
  if (typeof reader[name] === "function") return;
  throw new OptionError(
    "defineSource: create",
    reader,
    `to return a reader with \`${name}\`, as the source is ${what}`,
  );
}
