/** Chapter 4, split: one stream with named channels, each for other consumers. */

import { defineJob, tcpListen } from "../../jobs/index.ts";
import { readVehicle } from "./vehicle.ts";
import { VehicleCounter } from "./vehicle-counter.ts";

const heavy = new Set(["truck", "bus", "lorry"]);

export const split = defineJob("split", import.meta.url, (job, { port }: { port: number }) => {
  const lanes = job
    .source("bridge", tcpListen({ port }))
    .map("read", readVehicle("bridge"), { supervision: "resume" })
    // The first rule that holds takes the vehicle.
    .split("lanes", {
      cars: ({ type }) => type === "car",
      heavy: ({ type }) => heavy.has(type),
      others: "otherwise",
    });

  lanes.cars
    .process("car-booth", VehicleCounter)
    .union(
      lanes.heavy.keyBy(({ type }) => type).process("heavy-booth", VehicleCounter, { parallelism: 2 }),
      lanes.others.process("other-booth", VehicleCounter),
    )
    .output("updates");
});
