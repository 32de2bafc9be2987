/** What runs on the thread of a service: loads its module and answers one request after the other. */

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../assert.ts";
import { toWire } from "../errors/wire-error.ts";
import { endOfService, type ServiceAnswer, type ServiceFactory, type ServiceModule } from "./service-thread.ts";

const { module, export: name } = workerData as ServiceModule;
const port = parentPort;
assert(port !== null, "the main module of a service runs on a thread of its own");
const exported = (await import(module)) as Record<string, ServiceFactory>;
const factory = exported[name];
assert(factory !== undefined, "the module of a service exports what it is said to");
const handle = factory();

/** S1: the answer to one request is posted before the next one is handled, also when it takes its time. */
let answered = Promise.resolve();
port.on("message", (request: unknown) => {
  answered = answered.then(async () => {
    port.postMessage(request === endOfService ? { value: undefined } : await answerTo(request));
    if (request === endOfService) port.close();
  });
});

async function answerTo(request: unknown): Promise<ServiceAnswer> {
  try {
    return { value: await handle(request) };
  } catch (error) {
    return { error: toWire(error) };
  }
}
