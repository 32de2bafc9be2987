/** Chapter 3: two counters, and all vehicles of one type go to the same one. Its count is the truth. */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { readVehicle } from "./vehicle.ts";
import { VehicleCounter } from "./vehicle-counter.ts";

export const twoCountersByKey = defineJob(
  "two-counters-by-key",
  import.meta.url,
  (job, { ports }: { ports: readonly number[] }) => {
    job
      .source("sensor", tcpListen({ ports }), { parallelism: 2 })
      .map("read", readVehicle("sensor"), { supervision: "resume" })
      .keyBy(({ type }) => type)
      .process("counter", VehicleCounter, { parallelism: 2 })
      .output("updates");
  },
);
