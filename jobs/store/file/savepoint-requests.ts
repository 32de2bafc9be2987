/**
 * SavepointRequests: savepoints that people ask a running job for, from another process: each a small file beside the savepoints,
 * which the run sees with its next checkpoint, and removes when it has answered. A refusal is a file, too, with the error in it.
 *
 * Bounded by what people ask for: a name is asked for once at a time. Whoever has asked in vain takes the request back.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkName, fromWire, toWire, type WireError } from "../../../runtime/index.ts";

const wantedEnding = ".wanted";
const refusedEnding = ".refused";

export type SavepointAnswer =
  | { readonly kind: "waits" }
  | { readonly kind: "taken" }
  | { readonly kind: "refused"; readonly error: Error };

export class SavepointRequests {
  readonly #folder: string;

  /** @param path of the file of the job, without its ending */
  constructor(path: string) {
    this.#folder = `${path}.savepoints`;
  }

  /** Asks for a savepoint; one that is asked for already is waited for together. Throws ERR_RT_OPTION. */
  ask(name: string): void {
    mkdirSync(this.#folder, { recursive: true });
    rmSync(this.#pathOf(name, refusedEnding), { force: true });
    writeFileSync(this.#pathOf(name, wantedEnding), "");
  }

  takeBack(name: string): void {
    rmSync(this.#pathOf(name, wantedEnding), { force: true });
  }

  /** What became of a request; a refusal is told once. */
  answerTo(name: string): SavepointAnswer {
    if (existsSync(this.#pathOf(name, wantedEnding))) return { kind: "waits" };
    const refused = this.#pathOf(name, refusedEnding);
    if (!existsSync(refused)) return { kind: "taken" };
    const error = fromWire(JSON.parse(readFileSync(refused, "utf8")) as WireError);
    rmSync(refused, { force: true });
    return { kind: "refused", error };
  }

  /** Names that are asked for; files of others are none. */
  list(): readonly string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).flatMap((file) => {
      const name = file.slice(0, -wantedEnding.length);
      return file.endsWith(wantedEnding) && isName(name) ? [name] : [];
    });
  }

  /** @param error why it was not taken; undefined when it was */
  answer(name: string, error: unknown): void {
    if (error !== undefined) writeFileSync(this.#pathOf(name, refusedEnding), JSON.stringify(toWire(error)));
    rmSync(this.#pathOf(name, wantedEnding), { force: true });
  }

  #pathOf(name: string, ending: string): string {
    return join(this.#folder, `${checkName("savepoint", name)}${ending}`);
  }
}

function isName(text: string): boolean {
  try {
    return checkName("savepoint", text) === text;
  } catch {
    return false;
  }
}
