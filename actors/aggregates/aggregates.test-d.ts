/** The types of results are inferred from the functions that select. Checked by `tsc`, never run. */

import { expectTypeOf } from "vitest";
import type { Aggregate } from "./aggregate.ts";
import { aggregate } from "./aggregate-record.ts";
import { collect } from "./collected.ts";
import { distinct } from "./distinct.ts";
import { max } from "./extremes.ts";
import { last } from "./picked.ts";
import { quantile, quantiles } from "./quantile.ts";
import { topN } from "./top-n.ts";
import { count, sum } from "./totals.ts";

interface Call {
  readonly ms: number;
  readonly path: string;
}

declare function over<A, R>(aggregate: Aggregate<Call, A, R>): R;

expectTypeOf(over(count())).toEqualTypeOf<number>();
expectTypeOf(over(sum((call) => call.ms))).toEqualTypeOf<number>();
expectTypeOf(over(max((call) => call.path))).toEqualTypeOf<string>();
expectTypeOf(over(topN(3, (call) => call.ms))).toEqualTypeOf<readonly Call[]>();
expectTypeOf(over(collect())).toEqualTypeOf<readonly Call[]>();
expectTypeOf(over(last())).toEqualTypeOf<Call>();
expectTypeOf(over(quantiles([0.5, 0.99], (call) => call.ms))).toEqualTypeOf<[number, number]>();

// Several at once.
const several = over(
  aggregate({
    n: count(),
    p99: quantile(0.99, (call) => call.ms),
    paths: distinct((call) => call.path),
    slowest: topN(1, (call) => call.ms),
  }),
);
expectTypeOf(several).toEqualTypeOf<{ n: number; p99: number; paths: number; slowest: readonly Call[] }>();

// One of your own.
const own = over({
  create: () => new Set<string>(),
  add: (paths, call) => paths.add(call.path),
  finish: (paths) => [...paths],
});
expectTypeOf(own).toEqualTypeOf<string[]>();

// @ts-expect-error a field that the events do not have
over(sum((call) => call.size));
// @ts-expect-error a sum of strings
over(sum((call) => call.path));
// @ts-expect-error a field that the events do not have
over(aggregate({ worst: max((call) => call.size) }));
// @ts-expect-error an aggregate of other events
over(collect<{ readonly size: number }>());
