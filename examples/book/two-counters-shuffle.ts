/** Chapter 3: two counters that get the vehicles in turns. Neither knows how many cars there were: each has its share. */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { readVehicle } from "./vehicle.ts";
import { VehicleCounter } from "./vehicle-counter.ts";

export const twoCountersShuffle = defineJob(
  "two-counters-shuffle",
  import.meta.url,
  (job, { ports }: { ports: readonly number[] }) => {
    job
      .source("sensor", tcpListen({ ports }), { parallelism: 2 })
      .map("read", readVehicle("sensor"), { supervision: "resume" })
      .shuffle()
      .process("counter", VehicleCounter, { parallelism: 2 })
      .output("updates");
  },
);
