/** StateOptions by their names: for whoever is given them among others. */

import type { OptionNames } from "../../runtime/index.ts";
import type { StateOptions } from "./operator-state.ts";

export const stateOptionNames: OptionNames<StateOptions> = {
  version: true,
  migrate: true,
  ttl: true,
  ttlTime: true,
  ttlFrom: true,
};

/** Those of state alone. */
export function stateOptionsOf(options: StateOptions): StateOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(stateOptionNames, name)));
}
