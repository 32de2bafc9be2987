import { expect, test } from "vitest";
import { warnOfSlowEpoch } from "./slow-epoch.ts";

test("an epoch that takes long is reported with the cells that hold it up, some by name and the rest as a number", () => {
  const logged: string[] = [];
  const logger = { log: (level: string, message: string) => void logged.push(`${level} ${message}`) };
  const cells = Array.from({ length: 12 }, (_, index) => ({
    address: { path: `millrace://test/job/slow/${index}`, host: 1 },
  }));

  warnOfSlowEpoch(logger, 7, cells.slice(0, 1));
  warnOfSlowEpoch(logger, 8, cells);

  expect(logged[0]).toBe("warn epoch 7 is not complete after 10000 ms: it waits for millrace://test/job/slow/0");
  expect(logged[1]).toMatch(/slow\/9 and 2 more$/);
});
