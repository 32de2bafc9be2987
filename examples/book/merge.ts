/** Chapter 4, merge: two sources, one consumer. */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { readVehicle } from "./vehicle.ts";
import { VehicleCounter } from "./vehicle-counter.ts";

export const merge = defineJob("merge", import.meta.url, (job, ports: { north: number; south: number }) => {
  const north = job
    .source("north-bridge", tcpListen({ port: ports.north }))
    .map("read-north", readVehicle("north-bridge"), { supervision: "resume" });
  const south = job
    .source("south-bridge", tcpListen({ port: ports.south }))
    .map("read-south", readVehicle("south-bridge"), { supervision: "resume" });

  north
    .union(south)
    .keyBy(({ type }) => type)
    .process("booth", VehicleCounter, { parallelism: 2 })
    .output("updates");
});
