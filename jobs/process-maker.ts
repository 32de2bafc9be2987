/**
 * ProcessMaker: what `process` accepts behind a stream of `T`. The same as the actors room's, but written with properties
 * instead of methods, because the compiler compares the parameters of methods loosely: an operator for one kind of event
 * would be accepted behind a stream of several kinds.
 */

import type { Key, Pieces, ProcessContext, Rules, Timer } from "../actors/index.ts";
import type { Stream } from "./stream.ts";

/** An operator of a job author's own, one object per instance. */
export interface StreamProcess<T, U> {
  readonly open?: (context: ProcessContext<U>) => void | Promise<void>;
  readonly onEvent: (event: T, context: ProcessContext<U>) => void;
  readonly onTimer?: (timer: Timer, context: ProcessContext<U>) => void;
  readonly onWatermark?: (watermark: number, context: ProcessContext<U>) => void;
  readonly onMessage?: (message: unknown, context: ProcessContext<U>) => unknown;
  readonly onEnd?: (context: ProcessContext<U>) => void | Pieces;
  readonly close?: () => void | Promise<void>;
}

/** A class without arguments, or a function that returns the operator. */
export type StreamProcessMaker<T, U> = (new () => StreamProcess<T, U>) | (() => StreamProcess<T, U>);

/** An operator of a job author's own that holds rules of `R`, which all its instances have. */
export interface StreamBroadcast<T, R, U> {
  readonly open?: (context: ProcessContext<U>) => void | Promise<void>;
  readonly onRule: (rule: R, rules: Rules<R>) => void;
  readonly onEvent: (event: T, context: ProcessContext<U>, rules: ReadonlyMap<Key, R>) => void;
  readonly onTimer?: (timer: Timer, context: ProcessContext<U>, rules: ReadonlyMap<Key, R>) => void;
  readonly onWatermark?: (watermark: number, context: ProcessContext<U>, rules: ReadonlyMap<Key, R>) => void;
  readonly onMessage?: (message: unknown, context: ProcessContext<U>, rules: ReadonlyMap<Key, R>) => unknown;
  readonly onEnd?: (context: ProcessContext<U>, rules: ReadonlyMap<Key, R>) => void | Pieces;
  readonly close?: () => void | Promise<void>;
}

export type StreamBroadcastMaker<T, R, U> = (new () => StreamBroadcast<T, R, U>) | (() => StreamBroadcast<T, R, U>);

/** The streams of an operator with further outputs; those carry what the operator puts there, which has no type. */
export type ProcessStreams<U, O extends string, T = unknown> = { readonly main: Stream<U, T> } & {
  readonly [Name in O]: Stream<unknown, T>;
};
