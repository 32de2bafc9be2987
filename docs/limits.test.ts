/** limits.md names every bound of the three limits.ts, with its value. */

import { expect, test } from "vitest";
import * as actorLimits from "../actors/limits.ts";
import * as jobLimits from "../jobs/limits.ts";
import * as runtimeLimits from "../runtime/limits.ts";
import { Page } from "./testing/page.ts";

test("every limit stands in limits.md once, with its value, and nothing else does", () => {
  const documented = new Page("docs/limits.md").tableRows
    .filter((cells) => cells.length === 4)
    .map(([name, value]) => `${name} = ${value}`);

  const defined = [runtimeLimits, actorLimits, jobLimits]
    .flatMap((limits) => Object.entries(limits))
    .map(([name, value]) => `\`${name}\` = ${value.toLocaleString("en-US")}`);

  expect(documented.toSorted()).toEqual(defined.toSorted());
});
