/**
 * StateForm: what a state is besides its entries: of which kind, of which version, and whose it is. Stored with the entries,
 * so that a later version of the job knows what it reads.
 *
 * Not here: how what an earlier version kept becomes that of the next (state-migration.ts).
 */

export interface StateForm {
  /** What keeps it: `value`, `list`, `map`, `reducing`; of operators with one state their own kind, such as `count`. */
  readonly kind: string;
  /** From 1; raised by the author when the shape of what is kept changes. */
  readonly version: number;
  readonly owner: StateOwner;
}

/**
 * Who an entry belongs to, which says where it goes when the parallelism changes.
 *
 * - `key`: the instance that owns its key
 * - `group`: the instance that owns the key group that its key is the number of
 * - `instance`: the instance that wrote it, and no other; it has no place among another number of instances
 * - `any`: whichever instance is there. Its key is the number of the instance that wrote it: it goes to the one of that number,
 *   or, while there is none, to another one (holderOf)
 * - `all`: every instance has a copy, and so has each that is new
 */
export type StateOwner = "key" | "group" | "instance" | "any" | "all";

/** The form of a state that says none. */
export const plainForm: StateForm = { kind: "state", version: 1, owner: "instance" };

/** What errors call a state of an operator. */
export function stateTitle(operator: string, state: string): string {
  return `operator ${JSON.stringify(operator)}: state ${JSON.stringify(state)}`;
}

export function isSameForm(left: StateForm, right: StateForm): boolean {
  return left === right || (left.kind === right.kind && left.version === right.version && left.owner === right.owner);
}

const expiryKind = "expiry in ";

/** The kind of a state that holds when the pieces of another one run out. */
export function expiryKindOf(what: string): string {
  return expiryKind + what;
}

export function isExpiry(form: StateForm | undefined): boolean {
  return form?.kind.startsWith(expiryKind) ?? false;
}
