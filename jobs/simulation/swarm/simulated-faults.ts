/**
 * simulatedFaults: which faults of the catalogue in docs/fault-catalogue.md the swarm draws. Each has to strike, and be
 * recovered from, in a run of many seeds.
 */

export const simulatedFaults: readonly string[] = [
  "F01",
  "F02",
  "F03",
  "F04",
  "F05",
  "F06",
  "F07",
  "F08",
  "F09",
  "F11",
  "F13",
  "F14",
  "F15",
  "F16",
  "F20",
  "F25",
  "F27",
  "F30",
  "F31",
  "F32",
  "F37",
  "F38",
  "F39",
  "F40",
  "F44",
  "F45",
  "F46",
  "F47",
  "F49",
];
