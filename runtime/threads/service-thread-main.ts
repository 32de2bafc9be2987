/** What runs on the thread of a service: loads its module and handles one request after the other. */

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../assert.ts";
import { toWire } from "../errors/wire-error.ts";
import {
  Aside,
  endOfService,
  type ServiceAnswer,
  type ServiceFactory,
  type ServiceModule,
  type ServiceRequest,
} from "./service-thread.ts";

const { module, export: name } = workerData as ServiceModule;
const port = parentPort;
assert(port !== null, "the main module of a service runs on a thread of its own");
const exported = (await import(module)) as Record<string, ServiceFactory>;
const factory = exported[name];
assert(factory !== undefined, "the module of a service exports what it is said to");
const handle = factory();

/** S1 */
let answered = Promise.resolve();
const aside = new Set<Promise<void>>();
port.on("message", ({ number, message }: ServiceRequest) => {
  answered = answered.then(() => (message === endOfService ? end(number) : handleOne(number, message)));
});

async function handleOne(number: number, message: unknown): Promise<void> {
  try {
    const value = await handle(message);
    if (!(value instanceof Aside)) return post({ number, value });
    const going = value.answer
      .then((late) => post({ number, value: late }))
      .catch((error: unknown) => post({ number, error: toWire(error) }))
      .finally(() => aside.delete(going));
    aside.add(going);
  } catch (error) {
    post({ number, error: toWire(error) });
  }
}

async function end(number: number): Promise<void> {
  await Promise.all(aside);
  post({ number, value: undefined });
  port?.close();
}

function post(answer: ServiceAnswer): void {
  port?.postMessage(answer);
}
