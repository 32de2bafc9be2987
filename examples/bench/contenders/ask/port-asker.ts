/** Asks over a port, one at a time: an object with the value goes out, an object with the reply comes back. */

import type { MessagePort, Worker } from "node:worker_threads";

export interface Ask {
  readonly value: number;
}

export interface Reply {
  readonly value: number;
}

export function portAsker(port: MessagePort | Worker): (value: number) => Promise<number> {
  let answered: (value: number) => void = () => {};
  const receive = (reply: Reply): void => answered(reply.value);
  port.on("message", receive);
  return (value) =>
    new Promise((resolve) => {
      answered = resolve;
      port.postMessage({ value } satisfies Ask);
    });
}
