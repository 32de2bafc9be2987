/** Readings of sensors, sent as lines `<sensor> <value>` by whoever connects: how many there were, and their sum, per sensor. */

import { defineJob, durableIngest, type ProcessContext, tcpListen, type ValueState } from "../../jobs/index.ts";

export interface Total {
  readonly sensor: string;
  readonly count: number;
  readonly sum: number;
}

class Totals {
  #totals!: ValueState<Total, Total | undefined>;

  open({ state }: ProcessContext): void {
    this.#totals = state.value<Total>("totals");
  }

  onEvent({ sensor, value }: { readonly sensor: string; readonly value: number }): void {
    const { count, sum } = this.#totals.get() ?? { count: 0, sum: 0 };
    this.#totals.set({ sensor, count: count + 1, sum: sum + value });
  }

  onMessage(): readonly Total[] {
    return [...this.#totals.entries()].map(([, total]) => total).sort((a, b) => a.sensor.localeCompare(b.sensor));
  }
}

export const readings = defineJob("readings", import.meta.url, (job, { port }: { port: number }) => {
  job
    .source("sensors", durableIngest(tcpListen({ port, onListen: (at) => console.log(`listens on port ${at.port}`) })))
    .map("reading", (line) => {
      const [sensor = "", value] = line.split(" ");
      return { sensor, value: Number(value) };
    })
    .keyBy(({ sensor }) => sensor)
    .process("totals", Totals)
    .collect("nothing");
});
