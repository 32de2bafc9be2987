/**
 * StateMigration: how a piece of state that an earlier version of the job has kept becomes what the declaration of now
 * means. Pure: the piece and its form in, the piece of now out.
 *
 * Invariants
 *  M1  steps are taken one by one, each from a version to the next.
 *  M2  what is of the version of now is handed back as it is.
 *  M3  another kind of state is taken only if its version is lower, so that the author has said how.
 */

import { MillraceError, OptionError, printValue, reasonOf, wholeNumber } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { stateVersionMax } from "../limits.ts";
import { checkPlainFunction, checkPlainResult } from "../operators/plain-function.ts";
import { type StateForm, stateTitle } from "./state-form.ts";

/** How the shape of a state has changed, as its author declares it. */
export interface StateVersioning {
  /** Raised whenever the shape of what is kept changes. Default 1. */
  readonly version?: number;
  /**
   * By version, what makes a piece of the next version out of one of this: a value, the array of a list, the `Map` of a
   * map. Called once per key when the job starts from a checkpoint of an earlier version. Write down the type of `old`.
   */
  readonly migrate?: StateMigrations;
}

export type StateMigrations = { readonly [fromVersion: number]: (old: never, key: Key) => unknown };

/** A state is declared as one kind, and is or was kept as another. */
export class StateKindError extends MillraceError {
  readonly code = "ERR_ACT_STATE_KIND";
}

/** What is stored of a state has a version that the job cannot make into its own. */
export class StateVersionError extends MillraceError {
  readonly code = "ERR_ACT_STATE_VERSION";
}

/** A migration threw, or returned what the state cannot hold. */
export class StateMigrationError extends MillraceError {
  readonly code = "ERR_ACT_STATE_MIGRATION";
}

/**
 * The version that a declaration says, checked together with its migrations.
 *
 * @param what names the declaration in errors
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function checkVersioning(what: string, { version = 1, migrate = {} }: StateVersioning): number {
  wholeNumber(`${what}: version`, version, 1, stateVersionMax);
  if (typeof migrate !== "object" || migrate === null) {
    throw new OptionError(
      `${what}: migrate`,
      migrate,
      "an object with a function per version, such as { 1: (old) => ... }",
    );
  }
  for (const [from, step] of Object.entries(migrate)) {
    wholeNumber(`${what}: migrate: version`, Number(from), 1, stateVersionMax);
    if (Number(from) >= version) {
      throw new OptionError(
        `${what}: migrate`,
        Number(from),
        `versions below ${version}, that of the state; raise \`version\``,
      );
    }
    checkPlainFunction(`${what}: migrate[${from}]`, step);
  }
  return version;
}

/** A declared state: whose, what, and how earlier versions become it. */
export interface StateDeclaration {
  readonly operator: string;
  readonly state: string;
  readonly form: StateForm;
  readonly migrate: StateMigrations | undefined;
  /** What a piece has to be, in words; undefined when it is. */
  readonly refuse?: ((value: unknown) => string | undefined) | undefined;
}

/**
 * What a stored form says about a declaration: to be taken as it is, or to be migrated.
 *
 * @throws ERR_ACT_STATE_KIND, ERR_ACT_STATE_VERSION
 */
export function needsMigration(declaration: StateDeclaration, stored: StateForm): boolean {
  const { form, migrate } = declaration;
  const { title, details } = namesOf(declaration);
  if (stored.version > form.version) {
    throw new StateVersionError(
      `${title} is stored in version ${stored.version}, and the job knows versions up to ${form.version}: ` +
        "it was written by a newer version of the job",
      { details: { ...details, storedVersion: stored.version, version: form.version } },
    );
  }
  if (stored.owner !== form.owner) {
    throw new StateKindError(
      `${title} is stored ${ownerText[stored.owner]}, and is declared ${ownerText[form.owner]}`,
      {
        details: { ...details, storedOwner: stored.owner, owner: form.owner },
      },
    );
  }
  if (stored.version === form.version) {
    if (stored.kind === form.kind) return false;
    throw new StateKindError(
      `${title} is stored as ${stored.kind}, and is declared as ${form.kind} of the same version, ${form.version}: raise its ` +
        "version and add a migration, or give it another name",
      { details: { ...details, storedKind: stored.kind, kind: form.kind } },
    );
  }
  for (let from = stored.version; from < form.version; from += 1) {
    if (migrate?.[from] !== undefined) continue;
    throw new StateVersionError(
      `${title} is stored in version ${stored.version}, and the job has no migration from version ${from} to ${from + 1}; ` +
        `it has ${migrationsText(migrate)}`,
      { details: { ...details, storedVersion: stored.version, version: form.version, missing: from } },
    );
  }
  return true;
}

/** A piece, brought to the declared version (M1). Throws ERR_ACT_STATE_MIGRATION naming operator, state and key. */
export function migrated(declaration: StateDeclaration, stored: StateForm, key: Key, value: unknown): unknown {
  const { form, migrate = {}, refuse } = declaration;
  let piece = value;
  for (let from = stored.version; from < form.version; from += 1) {
    const step = migrate[from] as (old: unknown, key: Key) => unknown;
    try {
      piece = step(piece, key);
      checkPlainResult(`migrate[${from}]`, piece);
    } catch (error) {
      throw failedMigration(declaration, from, key, `failed: ${reasonOf(error)}`, error);
    }
  }
  const wrong = refuse?.(piece);
  if (wrong === undefined) return piece;
  throw failedMigration(declaration, form.version - 1, key, `returned ${printValue(piece)}, and ${wrong} is expected`);
}

const ownerText = {
  key: "per key",
  group: "per key group",
  instance: "per instance",
  any: "for any instance",
  all: "for all instances",
};

function migrationsText(migrate: StateMigrations | undefined): string {
  const versions = Object.keys(migrate ?? {});
  return versions.length === 0 ? "none" : `some from ${versions.join(", ")}`;
}

function namesOf({ operator, state }: StateDeclaration) {
  return {
    title: stateTitle(operator, state),
    details: { operator, state },
  };
}

function failedMigration(
  declaration: StateDeclaration,
  from: number,
  key: Key,
  what: string,
  cause?: unknown,
): StateMigrationError {
  const { title, details } = namesOf(declaration);
  return new StateMigrationError(
    `${title} of key ${printValue(key)}: the migration from version ${from} to ${from + 1} ${what}`,
    { cause, details: { ...details, key: printValue(key), fromVersion: from } },
  );
}
