/** Makes the logic that a `CellSpec` describes, loading its module where it names one. */

import type { CellContext, CellLogic, CellSpec, ModuleCellFactory } from "../cells/cell-logic.ts";
import { CellModuleError } from "./host-error.ts";

/** Rejects with ERR_RT_CELL_MODULE, or with what the factory threw. */
export async function createLogic(spec: CellSpec, context: CellContext): Promise<CellLogic> {
  if (spec.kind === "local") return spec.create(context);
  const factory = await loadFactory(spec.module, spec.export);
  return factory(context, spec.args);
}

async function loadFactory(module: string, name: string): Promise<ModuleCellFactory> {
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = (await import(module)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new CellModuleError(`cannot load ${module}`, { cause: error, details: { module } });
  }
  const factory = loaded[name];
  if (typeof factory === "function") return factory as ModuleCellFactory;
  throw new CellModuleError(`${module} has no function ${name}; it exports ${Object.keys(loaded).join(", ")}`, {
    details: { module, export: name },
  });
}
