/**
 * PageWorkspace: a project of a user of the package, with the code of some pages in it, so that it can be compiled and run.
 * The package stands in its node_modules: as links to the sources to run, and to compile against with the declarations that
 * are published, which leave out what is internal.
 *
 * A `ts` block that begins with `// name.ts` is the file of that name, in a folder per page; other blocks are files
 * named by their line. One without imports is a fragment: it gets what it uses of the package, a `job`, a `run` and
 * a `system`, and what the page's `given` notes declare.
 */

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { type Page, root } from "./page.ts";

export interface CommandResult {
  readonly exitCode: number | null;
  /** What it printed, both streams together. */
  readonly output: string;
}

const givenEverywhere = "declare const job: Job; declare const run: JobRun; declare const system: ActorSystem;";
const commandLimitMs = 25_000;

export class PageWorkspace implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "millrace-docs-"));
  readonly #exports: readonly string[];

  /** @param exports what the package exports, as an import names it: `defineJob`, `type Job` */
  constructor(pages: readonly Page[], exports: readonly string[]) {
    this.#exports = exports;
    this.#linkPackage();
    this.#writeCommand();
    for (const page of pages) this.#writeBlocks(page);
  }

  /** What the compiler says about the code of all pages. */
  compile(): CommandResult {
    const declared = this.#compiler(root, "-p", "tsconfig.build.json", "--outDir", join(this.#packageFolder, "dist"));
    if (declared.exitCode !== 0) return declared;
    const compilerOptions = { typeRoots: [join(root, "node_modules", "@types")], moduleDetection: "force" };
    writeFileSync(
      join(this.#folder, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: ["pages"] }),
    );
    return this.#compiler(this.#folder, "-p", ".");
  }

  /** Types a line into a shell in the folder of a page. */
  shell(page: Page, command: string): CommandResult {
    return this.#run("sh", ["-c", command.replaceAll("npx millrace", "millrace")], this.#pageFolder(page));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #linkPackage(): void {
    const packageFolder = this.#packageFolder;
    mkdirSync(packageFolder, { recursive: true });
    for (const room of ["runtime", "actors", "jobs"]) {
      symlinkSync(join(root, room), join(packageFolder, room), "junction");
    }
    const doors = {
      ".": door("jobs/index"),
      "./runtime": door("runtime/index"),
      "./testing": door("jobs/testing/index"),
      "./testing/vitest": door("jobs/testing/vitest"),
    };
    writeFileSync(
      join(packageFolder, "package.json"),
      JSON.stringify({ name: "millrace", type: "module", exports: doors }),
    );
    for (const library of ["zod", "vitest"]) {
      symlinkSync(join(root, "node_modules", library), join(this.#folder, "node_modules", library), "junction");
    }
    writeFileSync(join(this.#folder, "package.json"), JSON.stringify({ type: "module" }));
  }

  #writeCommand(): void {
    mkdirSync(join(this.#folder, "bin"));
    const script = `#!/bin/sh\nexec "${process.execPath}" "${join(root, "jobs", "cli", "main.ts")}" "$@"\n`;
    writeFileSync(join(this.#folder, "bin", "millrace"), script, { mode: 0o755 });
  }

  #writeBlocks(page: Page): void {
    mkdirSync(this.#pageFolder(page), { recursive: true });
    const given = [givenEverywhere, ...page.notes("given")].join(" ").replaceAll("\n", " ");
    for (const { language, text, line } of page.codeBlocks) {
      if (language !== "ts") continue;
      const name = /^\/\/ ([\w.-]+\.ts)\b/.exec(text)?.[1] ?? `line-${line}.ts`;
      const isFragment = !/^import /m.test(text);
      writeFileSync(join(this.#pageFolder(page), name), isFragment ? `${this.#prelude(text, given)}\n${text}` : text);
    }
  }

  /** One line, so that the compiler's line numbers are those of the block, plus one. */
  #prelude(text: string, given: string): string {
    const words = new Set(`${given} ${text}`.match(/\w+/g));
    const used = this.#exports.filter((specifier) => words.has(specifier.replace(/^type /, "")));
    return `import { ${used.join(", ")} } from "millrace"; ${given}`;
  }

  get #packageFolder(): string {
    return join(this.#folder, "node_modules", "millrace");
  }

  #compiler(folder: string, ...compilerArguments: readonly string[]): CommandResult {
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    return this.#run(process.execPath, [compiler, ...compilerArguments], folder);
  }

  #pageFolder(page: Page): string {
    return join(this.#folder, "pages", basename(page.path, ".md"));
  }

  /** Both streams go to one file, so that what is printed keeps its order. */
  #run(program: string, programArguments: readonly string[], folder: string): CommandResult {
    const outputPath = join(this.#folder, "output.txt");
    const output = openSync(outputPath, "w");
    const { status } = spawnSync(program, programArguments, {
      cwd: folder,
      env: { ...process.env, PATH: [join(this.#folder, "bin"), process.env.PATH].join(delimiter) },
      stdio: ["ignore", output, output],
      timeout: commandLimitMs,
    });
    closeSync(output);
    return { exitCode: status, output: readFileSync(outputPath, "utf8") };
  }
}

function door(module: string): { readonly types: string; readonly default: string } {
  return { types: `./dist/${module}.d.ts`, default: `./${module}.ts` };
}
