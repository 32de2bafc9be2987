/** Makes the logic that a `CellSpec` describes, loading its module where it names one. */

import type { CellContext, CellLogic, CellSpec, ModuleCellFactory } from "../cells/cell-logic.ts";
import { CellModuleError } from "./host-error.ts";
import type { HostSeams } from "./host-settings.ts";

/** Rejects with ERR_RT_CELL_MODULE, or with what the factory threw. */
export async function createLogic(
  spec: CellSpec,
  context: CellContext,
  onLoading: HostSeams["onLoading"] = () => undefined,
): Promise<CellLogic> {
  if (spec.kind === "local") return spec.create(context);
  onLoading(1);
  try {
    const factory = await loadFactory(spec.module, spec.export);
    // It may load others: the module of a job.
    return await factory(context, spec.args, spec.attachments ?? []);
  } finally {
    onLoading(-1);
  }
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
