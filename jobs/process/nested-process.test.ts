import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { defineJob } from "../define-job.ts";
import { supervise } from "./supervise.ts";

test("a process under supervision starts none of its own by loading the module that started it", () => {
  const [, ran = ""] = process.argv;
  const job = defineJob("nested", import.meta.url, () => undefined);
  process.argv[1] = fileURLToPath(new URL("./process-main.ts", import.meta.url));
  try {
    expect(() => supervise(job, { storage: "./data" })).toThrow(
      expect.objectContaining({
        code: "ERR_JOB_PROCESS_NESTED",
        message: expect.stringContaining("call it from another module, or under if (import.meta.main)"),
      }),
    );
  } finally {
    process.argv[1] = ran;
  }
});
