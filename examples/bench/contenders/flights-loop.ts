/** W7 without any library but that which reads the file: the loop that the tests of the job compare it with. */

import { flightsFile } from "../../flights/data-files.ts";
import { totalsByPlainLoop } from "../../flights/fixtures/plain-loop.ts";
import { numbersOf } from "../airport-numbers.ts";
import type { Contender } from "../contender.ts";

export const flightsLoop: Contender = {
  async round() {
    return { answer: numbersOf(await totalsByPlainLoop(flightsFile())) };
  },
};
