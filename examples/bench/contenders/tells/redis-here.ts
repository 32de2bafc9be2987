/** RedisHere: whether a Redis answers on this machine. Apart from what uses it, which the bench itself need not load. */

import { createConnection } from "node:net";

export const redisHere = { host: "127.0.0.1", port: 6379 };

const answerLimitMs = 500;

/** Why there is no Redis to work with, or undefined when one answers. */
export function missingRedis(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(redisHere);
    const end = (reason: string | undefined): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(answerLimitMs, () => end(`no Redis answers on ${redisHere.host}:${redisHere.port}`));
    socket.once("error", () => end(`no Redis answers on ${redisHere.host}:${redisHere.port}`));
    socket.once("data", (data) => end(data.toString().startsWith("+PONG") ? undefined : "what answers is no Redis"));
    socket.write("PING\r\n");
  });
}
