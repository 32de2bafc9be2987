import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{runtime,actors,jobs,examples}/**/*.test.ts"],
    pool: "forks",
    testTimeout: 20_000,
    hookTimeout: 20_000,
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
