/** tableBehind and changesBehind: tables of the events of a stream. */

import { type Change, changedRows, groupings, type Key, tableRows } from "../actors/index.ts";
import type { Input, Origin } from "./graph-assembly.ts";
import { type MakeOperator, specOf } from "./graph-validation.ts";
import type { OperatorOptions } from "./operator-options.ts";
import { type MakeStream, Table } from "./table.ts";
import { TableGraph } from "./table-graph.ts";
import type { AsTableOptions, TableLifeOptions } from "./table-options.ts";

/** A table whose row of a key is what `row` makes of the newest event with that key. */
export function tableBehind<T, R, K extends Key>(
  input: Input,
  name: string,
  key: (event: T) => K,
  options: AsTableOptions<T, R>,
  stream: MakeStream,
): Table<NonNullable<R>, K> {
  const { row = (event: T) => event as unknown as R } = options;
  return keptRows(input, name, () => tableRows(row, options), key, options, stream);
}

/** A table of events that are changes. */
export function changesBehind<R, K extends Key>(
  input: Input,
  name: string,
  options: TableLifeOptions,
  stream: MakeStream,
): Table<R, K> {
  return keptRows(
    input,
    name,
    () => changedRows(options),
    ({ key }: Change<R, K>) => key,
    options,
    stream,
  );
}

function keptRows<T, R, K extends Key>(
  { assembly, origins }: Input,
  name: string,
  make: MakeOperator,
  key: (event: T) => K,
  options: OperatorOptions,
  stream: MakeStream,
): Table<R, K> {
  const grouping = groupings.byKey(key);
  const byKey = { assembly, origins: origins.map((origin) => ({ ...origin, grouping })) };
  const [origin] = assembly.addOperator(name, specOf(name, make), [byKey], options, true);
  return new Table(new TableGraph(assembly, origin as Origin), stream);
}
