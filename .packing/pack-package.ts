/** Packs what is published into `dist`, beside the declarations that the compiler has put there: node .packing/pack-package.ts */

import { fileURLToPath } from "node:url";
import { packModules } from "./pack-modules.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

await packModules({
  root,
  folder: `${root}dist`,
  entries: [
    // What package.json exports.
    "jobs/index.ts",
    "jobs/cli/main.ts",
    "jobs/cli/millrace.ts",
    "jobs/testing/index.ts",
    "jobs/testing/vitest.ts",
    "runtime/index.ts",
    // What threads and processes load by name.
    "jobs/faults/faulty-cell.ts",
    "jobs/faults/faulty-process-main.ts",
    "jobs/process/process-main.ts",
    "jobs/run/chain-cell.ts",
    "jobs/run/rehearsal.ts",
    "jobs/store/store-thread.ts",
    "runtime/actor/actor-spec.ts",
    "runtime/threads/service-thread-main.ts",
    "runtime/threads/thread-main.ts",
  ],
  home: 'import.meta.resolve("./")',
  ending: ".js",
  packages: [],
});
