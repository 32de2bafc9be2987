/** Worker: answers each ask on the port it was given, or else on its parent's. */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Ask, Reply } from "./port-asker.ts";

const port = (workerData as MessagePort | null) ?? parentPort;

port?.on("message", (ask: Ask) => port.postMessage({ value: ask.value + 1 } satisfies Reply));
