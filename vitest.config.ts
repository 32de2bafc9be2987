import { configDefaults, defineConfig } from "vitest/config";

const rooms = "{runtime,actors,jobs,examples,docs}";
const threadTests = `${rooms}/**/*.threads.test.ts`;

export default defineConfig({
  test: {
    pool: "forks",
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
