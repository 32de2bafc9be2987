/**
 * FaultCatalogue: which faults of the catalogue in docs/fault-injection.md the swarm has, and how. Each has to strike, and be
 * recovered from, in a run of many seeds.
 */

export interface CataloguedFault {
  readonly id: string;
  readonly what: string;
  readonly inSimulation: string;
}

export const faultCatalogue: readonly CataloguedFault[] = [
  { id: "F01", what: "a thread ends at a random moment", inSimulation: "`crash`" },
  { id: "F02", what: "an operator throws", inSimulation: "`fail`" },
  {
    id: "F07",
    what: "what starts over cannot be opened, several times",
    inSimulation: "`open` of an operator or a source",
  },
  { id: "F09", what: "many threads die at once", inSimulation: "`crash` of all hosts" },
  { id: "F11", what: "a thread hangs", inSimulation: "`hang` for longer than `hangLimit`" },
  { id: "F13", what: "a thread is slow", inSimulation: "`slow`" },
  { id: "F14", what: "the first thread stands still", inSimulation: "`hang(host(0))`" },
  { id: "F15", what: "a thread is paused and goes on", inSimulation: "`hang` for less than `hangLimit`" },
  { id: "F20", what: "a link is slow", inSimulation: "`delay`" },
  { id: "F25", what: "what waits for a thread is lost with it", inSimulation: "`crash`" },
  { id: "F30", what: "the process is killed", inSimulation: "`killProcess`" },
  { id: "F38", what: "the disk is full for a while", inSimulation: "`failWrite`, several times" },
  { id: "F39", what: "a write fails once", inSimulation: "`failWrite`" },
  { id: "F40", what: "writes are slow", inSimulation: "`slowWrite`" },
  { id: "F44", what: "an event makes its operator fail each time", inSimulation: "poison in a drawn function" },
  { id: "F46", what: "a source cannot be read for a moment", inSimulation: "`read` of a drawn source" },
  { id: "F47", what: "a sink fails before or after it took effect", inSimulation: "a call of a drawn writer" },
  { id: "F49", what: "the wall clock jumps", inSimulation: "`jumpClock`" },
];

export const simulatedFaults: readonly string[] = faultCatalogue.map(({ id }) => id);
