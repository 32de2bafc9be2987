/**
 * EventDeadLetter: an event that an operator gave up, with all that is needed to find out why and to give it to the operator
 * again. Plain data of bounded size, whatever the event and the error are.
 */

import { type Address, type DeadLetter, decode, encode, printValue, toWire } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { deadLetterErrorCharactersMax, deadLetterValueBytesMax } from "../limits.ts";

/** A dead letter of an operator, a source or a sink; `T` is what its operator takes. */
export type EventDeadLetter<T = unknown> = EventDeadLetterFacts &
  (
    | {
        /** The operator can be given the event again. */
        readonly resubmittable: true;
        readonly value: T;
      }
    | {
        /**
         * The value is a text in the place of an event that is too large or cannot be kept; or what was given up is no event
         * that the operator took: a line of a source, a result that could not be handed on.
         */
        readonly resubmittable: false;
        readonly value: unknown;
      }
  );

export interface EventDeadLetterFacts extends Omit<DeadLetter, "value"> {
  /** Unique; 22 characters. */
  readonly id: string;
  /** The name of the source, operator or sink. */
  readonly operator: string;
  readonly instance: number;
  /** The key of the event, behind `keyBy`. */
  readonly key: Key | undefined;
  /** Its event time in ms since the epoch, in a stream that has event times. */
  readonly time: number | undefined;
  /** Which input of the operator it came in on, from 0. */
  readonly input: number;
  /** How often the operator was given the event, or called for it, before it was given up. */
  readonly attempts: number;
  /** Its index in the batch that the operator had in hand; undefined between batches. */
  readonly batchIndex: number | undefined;
  /** The epoch of the stream in which it was given up; 0 under at-most-once, which has none. */
  readonly epoch: number;
}

/** What is known of the event that a value is; nothing when it is none that the operator took. */
export interface TakenEvent {
  readonly key: Key | undefined;
  readonly time: number | undefined;
  readonly input: number;
  readonly batchIndex: number | undefined;
  readonly attempts: number;
}

/** Where and when an event was given up. */
export interface LetterPlace {
  readonly id: string;
  readonly operator: string;
  readonly instance: number;
  readonly address: Address;
  readonly epoch: number;
  readonly atMs: number;
}

export function eventDeadLetter(
  place: LetterPlace,
  given: unknown,
  error: unknown,
  event: TakenEvent | undefined,
): EventDeadLetter {
  const { id, operator, instance, address, epoch, atMs } = place;
  const { isWhole, value } = carried(given);
  return {
    id,
    to: address.path,
    operator,
    instance,
    value,
    key: event?.key,
    time: event?.time,
    input: event?.input ?? 0,
    error: toWire(error, deadLetterErrorCharactersMax),
    attempts: event?.attempts ?? 1,
    batchIndex: event?.batchIndex,
    epoch,
    atMs,
    resubmittable: isWhole && event !== undefined,
  };
}

/** The bytes of a letter, for the bounds of what is gathered and kept. */
export function letterBytes(letter: EventDeadLetter): number {
  return encode(letter).byteLength;
}

/** A copy, so that nothing that happens to the event later changes it. */
function carried(value: unknown): { readonly isWhole: boolean; readonly value: unknown } {
  try {
    const bytes = encode(value);
    if (bytes.byteLength <= deadLetterValueBytesMax) return { isWhole: true, value: decode(bytes) };
  } catch {
    // It cannot leave its thread as it is.
  }
  return { isWhole: false, value: printValue(value) };
}
