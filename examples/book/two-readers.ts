/** Chapter 3: two sensor readers, a port each, and one counter behind both. */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { readVehicle } from "./vehicle.ts";
import { VehicleCounter } from "./vehicle-counter.ts";

export const twoReaders = defineJob("two-readers", import.meta.url, (job, { ports }: { ports: readonly number[] }) => {
  job
    .source("sensor", tcpListen({ ports }), { parallelism: 2 })
    .map("read", readVehicle("sensor"), { supervision: "resume" })
    .process("counter", VehicleCounter, { parallelism: 1 })
    .output("updates");
});
