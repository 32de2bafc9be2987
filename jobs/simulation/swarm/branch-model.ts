/** branchModel: what comes out of a branch of a swarm when nothing is lost or doubled. */

import {
  bare,
  givenUp,
  groupOf,
  groupRow,
  higher,
  isGivenUp,
  type SwarmBranch,
  type SwarmBranchOf,
  toldBy,
  topCount,
} from "./swarm-branch.ts";
import type { ModelFlow } from "./swarm-model.ts";
import type { SwarmItem } from "./swarm-plan.ts";

/** @param flow the items of a name */
export function branchModel(branch: SwarmBranch, flow: (name: string) => ModelFlow): ModelFlow {
  const { items, isOrdered } = flow(branch.input);
  const all = { isWhole: true, parallelism: branch.parallelism };
  const byEach = (given: readonly SwarmItem[]): SwarmItem[] =>
    given.flatMap((item) => Array.from({ length: branch.parallelism }, (_, instance) => toldBy(item, instance)));
  switch (branch.kind) {
    case "copies":
      return { ...all, items: byEach(items), isOrdered };
    case "rules":
      return { ...all, items: [...items.map(bare), ...byEach(flow(branch.right).items)], isOrdered: false };
    case "calls":
      return { ...all, items: items.map(bare), isOrdered: isOrdered && branch.order === "per-key" };
    case "timers":
    case "due":
    case "together":
    case "outputs":
      return { ...all, items: items.map(bare), isOrdered: false };
    case "letters": {
      const told = items.map((item) => (isGivenUp(item, branch) ? givenUp(item) : bare(item)));
      return { ...all, items: told, isOrdered: false };
    }
    case "table":
      return { ...all, items: lastRows(branch, items), isOrdered: false };
  }
}

function lastRows(branch: SwarmBranchOf<"table">, items: readonly SwarmItem[]): SwarmItem[] {
  const groups = [...Map.groupBy(items, (item) => groupOf(item, branch))];
  if (branch.form === "top") return groups.flatMap(([, own]) => own.map(bare).sort(higher).slice(0, topCount));
  return groups.map(([group, own]) =>
    groupRow(group, { count: own.length, sum: own.reduce((sum, { seq }) => sum + seq, 0) }),
  );
}
