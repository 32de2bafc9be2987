/** settleRows: puts the changes that several groups make to one row in order again (settled-row.ts), at the owner of its key. */

import type { OperatorSpec } from "../operator.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { Change } from "./change.ts";
import type { GroupedChange } from "./regroup.ts";
import { settle } from "./settled-row.ts";
import { tableOperator } from "./table-operator.ts";

/** Takes `GroupedChange`s by the keys of their changes, emits changes. */
export function settleRows(): OperatorSpec {
  return tableOperator("settle", () => new SettleRows());
}

class SettleRows implements ProcessOperator<GroupedChange, Change> {
  onEvent({ group, change }: GroupedChange, context: ProcessContext<Change>): void {
    const settled = settle(context.state.map("shown"), group, change);
    if (settled !== undefined) context.emit(settled);
  }
}
