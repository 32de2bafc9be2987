/** Chapter 2: a sensor reader and a counter. */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { readVehicle } from "./vehicle.ts";
import { VehicleCounter } from "./vehicle-counter.ts";

export const vehicleCount = defineJob("vehicle-count", import.meta.url, (job, { port }: { port: number }) => {
  job
    .source("sensor", tcpListen({ port }))
    .map("read", readVehicle("sensor"), { supervision: "resume" })
    .process("counter", VehicleCounter)
    .output("updates");
});
