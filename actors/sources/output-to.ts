/** outputTo: where a source puts its events, for who looks at each of them by itself. */

import type { SourceOutput } from "../source.ts";

export function outputTo<T>(emit: (value: T, time: number | undefined) => void): SourceOutput<T> {
  return {
    emit,
    emitAll(values, times) {
      for (let index = 0; index < values.length; index += 1) emit(values[index] as T, times?.[index]);
    },
  };
}
