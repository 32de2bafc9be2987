import { expect, test } from "vitest";
import type { CellContext, CellLogic } from "../cells/cell-logic.ts";
import { createLogic } from "./create-logic.ts";

const context = {} as CellContext;
const moduleOf = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

async function created(module: string, name = "create") {
  const loading: number[] = [];
  const spec = { kind: "module", module, export: name, args: 5 } as const;
  const outcome = await createLogic(spec, context, (modules) => void loading.push(modules)).catch((error) => error);
  return { outcome, loading };
}

test("the factory of a module makes the logic from its arguments, and the loading of modules is told", async () => {
  const { outcome, loading } = await created(moduleOf("export const create = async (_context, args) => ({ args });"));

  expect(outcome).toEqual({ args: 5 });
  expect(loading).toEqual([1, -1]);
});

test.each([
  ["that cannot be loaded", "throw new Error('no');", "create", "ERR_RT_CELL_MODULE"],
  ["without the factory", "export const other = 1;", "create", "ERR_RT_CELL_MODULE"],
])("a module %s is refused, and is not being loaded any more", async (_what, text, name, code) => {
  const { outcome, loading } = await created(moduleOf(text), name);

  expect(outcome).toMatchObject({ code });
  expect(loading).toEqual([1, -1]);
});

test("a factory that throws has not loaded anything any more either", async () => {
  const { outcome, loading } = await created(moduleOf("export const create = () => { throw new RangeError('bad'); };"));

  expect(outcome).toBeInstanceOf(RangeError);
  expect(loading).toEqual([1, -1]);
});

test("a logic of this thread loads nothing", async () => {
  const loading: number[] = [];
  const logic = {} as CellLogic;

  const made = await createLogic(
    { kind: "local", create: () => logic },
    context,
    (modules) => void loading.push(modules),
  );

  expect(made).toBe(logic);
  expect(loading).toEqual([]);
});
