import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { sourcePack } from "./.packing/source-pack.ts";

const rooms = "{runtime,actors,jobs,examples,docs,.packing}";
const threadTests = `${rooms}/**/*.threads.test.ts`;

// For all that tests start: what Node has compiled, and the rooms packed, as long as nobody writes on them meanwhile. A start costs a
// fifth. Coverage of it would be coarse.
if (!process.argv.includes("--coverage")) {
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));
  if (process.argv.includes("run")) {
    process.env.MILLRACE_PACK = await sourcePack();
    process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import=${new URL(".packing/load-packed.mjs", import.meta.url)}`;
  }
}

/** The files that take minutes, most of which are waits, begin first: others run beside them, and none is left alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.includes("/examples/storm/");
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // As the threads and processes that tests start do, tests load the rooms by Node, packed or not: what vitest makes of a module takes a
    // detour at each use of what is imported.
    server: { deps: { external: [/\/(?:runtime|actors|jobs)\/(?!.*(?:\.test\.ts$|\/fixtures\/)).*\.ts$/] } },
    pool: "forks",
    // Two also on two cores where nothing else runs: many tests wait. With more, slow threads would be taken for hung.
    ...(process.env.CI === undefined ? {} : { maxWorkers: 2 }),
    testTimeout: 30_000,
    // Of tests that run beside each other in one file: each starts processes, and the cores are shared.
    maxConcurrency: 2,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "logic",
          include: ["*.test.ts", `${rooms}/**/*.test.ts`],
          exclude: [...configDefaults.exclude, threadTests],
          // Files share a process, which saves a sixth of a second each: nothing in the code is kept in a module.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "threads",
          include: [threadTests],
          // On a machine that is busy with other things, too.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A fault that ends the process must not take other files with it.
          isolate: true,
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["{runtime,actors,jobs}/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.test-d.ts", "runtime/architecture/**"],
      reporter: ["text-summary", "html", "json-summary"],
      // Without it files that only worker threads and child processes run read 0 %.
      autoAttachSubprocess: true,
    },
  },
});
