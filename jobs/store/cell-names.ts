/** CellNames: from the keys of cells in one plan to the names of operators, under which checkpoints are kept. */

import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";

export interface InstanceName {
  readonly operator: string;
  readonly instance: number;
}

export class CellNames {
  readonly #names = new Map<string, InstanceName>();
  readonly #operators = new Map<string, readonly string[]>();

  constructor(graph: JobGraph, plan: JobPlan) {
    for (const { id, nodes, instances } of plan.chains) {
      const names = nodes.map((node) => graph.nodes[node]?.name ?? "");
      for (const { instance } of instances) {
        this.#names.set(cellKey(id, instance), { operator: names[0] ?? "", instance });
        this.#operators.set(cellKey(id, instance), names);
      }
    }
  }

  /** The operator at the head of a cell. */
  ofCell(cell: string): InstanceName {
    return this.#names.get(cell) as InstanceName;
  }

  /** All operators of a cell. */
  operatorsOf(cell: string): readonly string[] {
    return this.#operators.get(cell) as readonly string[];
  }
}
