/**
 * RuleBook: the rules that every instance of an operator holds, by key. The same changes in the same order make the same book, order of
 * its rules included, also behind a restore.
 *
 * Not here: that all instances are given the same changes (../../jobs/stream.ts).
 */

import { MillraceError, mutated } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { checkKey } from "../groupings/key-hash.ts";
import { broadcastRulesMax } from "../limits.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import type { StateForm } from "../state/state-form.ts";
import { toldChanges } from "../state/told-changes.ts";

/** What `onRule` may do with them. */
export interface Rules<R> extends ReadonlyMap<Key, R> {
  /**
   * Adds a rule, or puts another one in its place.
   *
   * @throws ERR_ACT_KEY for a key that is none; ERR_ACT_RULES outside of `onRule`, and for one rule too many
   */
  set(key: Key, rule: R): this;
  /** Whether there was such a rule. Throws ERR_ACT_RULES outside of `onRule`. */
  delete(key: Key): boolean;
  /** Throws ERR_ACT_RULES outside of `onRule`. */
  clear(): void;
}

/** Rules were changed where that would not happen in all instances, or there are too many of them. */
export class RulesError extends MillraceError {
  readonly code = "ERR_ACT_RULES";
}

const stateName = "broadcast rules";
const form: StateForm = { kind: "rules", version: 1, owner: "all" };

export class RuleBook<R> extends Map<Key, R> implements Rules<R> {
  readonly #operator: string;
  /** Beside the map, because it notes what changes. */
  readonly #cells = new KeyedState<R>(false);
  #isOpen = false;

  constructor(operator: string) {
    super();
    this.#operator = operator;
  }

  /** Calls what may change the rules. */
  during(change: () => void): void {
    this.#isOpen = true;
    try {
      change();
    } finally {
      this.#isOpen = false;
    }
  }

  override set(key: Key, rule: R): this {
    this.#checkOpen();
    checkKey("a rule's key", key);
    const cell = this.#cells.find(key);
    if (cell !== undefined) this.#cells.write(cell, rule);
    else if (this.size < broadcastRulesMax) this.#add(key, rule);
    else throw this.#error(`has ${this.size} rules; no more are kept`);
    return super.set(key, rule);
  }

  override delete(key: Key): boolean {
    this.#checkOpen();
    const cell = this.#cells.find(key);
    if (cell !== undefined) this.#cells.remove(cell);
    return super.delete(key);
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }

  snapshot(): readonly StateEntry[] {
    return toldChanges(this.#cells, stateName, form);
  }

  /** Takes in its part of a state; what is left is somebody else's. */
  restore(groups: readonly StateGroup[]): readonly StateGroup[] {
    this.#cells.track();
    return groups.filter(({ name, values }) => {
      if (name !== stateName) return true;
      values.forEach((rule, key) => {
        this.#cells.restore(new KeyedCell(key, rule as R));
        super.set(key, rule as R);
      });
      return false;
    });
  }

  #add(key: Key, rule: R): void {
    if (!mutated("rules.not-noted")) this.#cells.add(new KeyedCell(key, rule));
  }

  #checkOpen(): void {
    if (!this.#isOpen)
      throw this.#error("changed its rules outside of onRule, where other instances would not do the same");
  }

  #error(what: string): RulesError {
    return new RulesError(`operator ${JSON.stringify(this.#operator)} ${what}`, {
      details: { operator: this.#operator, ruleCount: this.size },
    });
  }
}
