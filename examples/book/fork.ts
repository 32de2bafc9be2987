/** Chapter 4, fork: one stream, two consumers. Both get every vehicle and know nothing of each other. */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { readVehicle } from "./vehicle.ts";
import { VehicleCounter } from "./vehicle-counter.ts";

export const fork = defineJob("fork", import.meta.url, (job, { port }: { port: number }) => {
  const vehicles = job
    .source("bridge", tcpListen({ port }))
    .map("read", readVehicle("bridge"), { supervision: "resume" });

  // Using a stream twice forks it; each consumer has a grouping of its own.
  const inTurns = vehicles.shuffle().process("booth-in-turns", VehicleCounter, { parallelism: 2 });
  const byType = vehicles.keyBy(({ type }) => type).process("booth-by-type", VehicleCounter, { parallelism: 2 });

  inTurns.union(byType).output("updates");
});
