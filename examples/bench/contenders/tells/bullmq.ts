/**
 * BullMQ over a Redis on this machine: a queue where others have mailboxes, and what many Node services use for that. A burst is one
 * `addBulk`, its fastest form, and a hundred jobs are worked on at a time; what is done is removed.
 */

import { Queue, Worker } from "bullmq";
import type { Contender } from "../../contender.ts";
import { type Tell, TellCount, timeTells } from "../../tells.ts";
import { redisHere } from "./redis-here.ts";

const connection = { ...redisHere, maxRetriesPerRequest: null };
const concurrency = 100;

export function throughRedis(): Contender {
  const name = `millrace-bench-${process.pid}`;
  const count = new TellCount();
  let done = 0;
  let told = 0;
  let onDone: () => void = () => undefined;
  let queue: Queue<Tell>;
  let worker: Worker<Tell>;
  return {
    async setup() {
      queue = new Queue<Tell>(name, { connection, defaultJobOptions: { removeOnComplete: true } });
      worker = new Worker<Tell>(
        name,
        async ({ data }) => {
          count.take(data);
          done += 1;
          onDone();
        },
        { connection, concurrency },
      );
      await worker.waitUntilReady();
    },
    round(tells) {
      let waiting: Tell[] = [];
      return timeTells(tells, {
        tell: (tell) => {
          waiting.push(tell);
          told += 1;
        },
        async handled() {
          const jobs = waiting.map((data) => ({ name: "tell", data }));
          waiting = [];
          await queue.addBulk(jobs);
          await new Promise<void>((resolve) => {
            onDone = () => {
              if (done === told) resolve();
            };
            onDone();
          });
          return count.handled();
        },
      });
    },
    async teardown() {
      await worker.close();
      await queue.obliterate({ force: true });
      await queue.close();
    },
  };
}
