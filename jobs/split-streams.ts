/** SplitStreams: the streams that `split` makes, by the names of its outputs; a type guard narrows its stream. */

import type { EventContext, SplitRule } from "../actors/index.ts";
import type { Stream } from "./stream.ts";

/** Which events each output takes. */
export type SplitRules<T> = Readonly<Record<string, SplitRule<T>>>;

export type SplitStreams<T, R extends SplitRules<T>> = { readonly [O in keyof R]: Stream<Taken<T, R[O]>, T> };

type Taken<T, Rule> = Rule extends Guard<T, infer U> ? U : T;
type Guard<T, U extends T> = (event: T, context: EventContext) => event is U;
