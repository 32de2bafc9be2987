/**
 * TableGraph: where a table comes from in the graph of a job, and how the parts of an operation on tables are put behind it.
 *
 * Changes of one key stay in order because of where they are sent: an operator that keeps rows gets them by key, and one that
 * keeps none has as many instances as what it stands behind. Where rows are worked out by group, `settleRows` brings those of
 * one key together again.
 */

import { type GroupedChange, groupings, type Key, regroup, settleRows } from "../actors/index.ts";
import type { GraphAssembly, Input, Origin } from "./graph-assembly.ts";
import { checkNodeName, type MakeOperator, specOf } from "./graph-validation.ts";
import type { OperatorOptions } from "./operator-options.ts";

interface Keyed {
  readonly key: Key;
}

export class TableGraph {
  readonly assembly: GraphAssembly;
  readonly #origin: Origin;

  constructor(assembly: GraphAssembly, origin: Origin) {
    this.assembly = assembly;
    this.#origin = origin;
  }

  /** The changes, to the owner of their key. */
  get byKey(): Input {
    return this.#spread(groupings.byKey(({ key }: Keyed) => key));
  }

  /** The changes, to the instance of the same number. */
  get forward(): Input {
    return this.#spread(groupings.forward);
  }

  /** An operator behind these streams. What it puts out must be consumed, unless it `keepsRows`. */
  add(
    name: string,
    make: MakeOperator,
    inputs: readonly Input[],
    options: OperatorOptions,
    keepsRows = true,
  ): TableGraph {
    const [origin] = this.assembly.addOperator(name, specOf(name, make), inputs, options, keepsRows);
    return new TableGraph(this.assembly, origin as Origin);
  }

  /** What keeps no rows, in as many instances as what it stands behind. */
  addForward(name: string, make: MakeOperator, options: OperatorOptions): TableGraph {
    return this.add(name, make, [this.forward], options, false);
  }

  /** The changes by the group of their rows: a part of operator `name`. */
  grouped<R>(name: string, part: string, what: string, groupOf: (row: R) => Key, options: OperatorOptions): Input {
    checkNodeName("operator", name);
    const behind = this.addForward(`${name}.${part}`, () => regroup(what, groupOf), partOptions(options, part));
    return behind.#spread(groupings.byKey(({ group }: GroupedChange) => group));
  }

  /** The `GroupedChange`s that operator `name` puts out, as changes of a table: a part of it. */
  settled(name: string, options: OperatorOptions): TableGraph {
    const rows = this.#spread(groupings.byKey(({ change }: GroupedChange) => change.key));
    const { parallelism } = options;
    const own = parallelism === undefined ? {} : { parallelism };
    return this.add(`${name}.rows`, settleRows, [rows], { ...own, ...partOptions(options, "rows") });
  }

  #spread(grouping: Origin["grouping"]): Input {
    return { assembly: this.assembly, origins: [{ ...this.#origin, grouping }] };
  }
}

/** Parts fail like the whole, and were named like parts of what it was called. */
function partOptions({ supervision, renamedFrom }: OperatorOptions, part: string): OperatorOptions {
  return {
    ...(supervision === undefined ? {} : { supervision }),
    ...(renamedFrom === undefined ? {} : { renamedFrom: `${renamedFrom}.${part}` }),
  };
}
