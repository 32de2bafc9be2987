/** Worker: counts what it is told, and says so when it is asked by `null`. */

import { parentPort } from "node:worker_threads";
import { type Tell, TellCount } from "../../tells.ts";

const count = new TellCount();

parentPort?.on("message", (tell: Tell | null) => {
  if (tell === null) parentPort?.postMessage(count.handled());
  else count.take(tell);
});
