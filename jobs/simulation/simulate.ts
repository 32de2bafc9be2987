/**
 * simulate: runs a job with everything that carries it (threads, links, supervisors, epochs, store, process) on the calling
 * thread, in virtual time, under faults. One seed is one history.
 *
 * What is simulated is what lies behind the seams; the code of all three rooms is that of production. Code of the job that
 * waits for anything real (a file, a socket, a timer of the platform) is not simulated, and makes a seed more than one
 * history.
 */

import { buildGraph, type JobDefinition } from "../define-job.ts";
import { checkFaults } from "./check-faults.ts";
import { threadsDefault } from "./check-simulation.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import type { SimulateOptions, Simulation } from "./simulation.ts";

/**
 * Simulates one run of a job, to its end or to the limit.
 *
 * @throws ERR_RT_OPTION for an option, ERR_JOB_* for what is wrong with the graph
 */
export async function simulate<P>(definition: JobDefinition<P>, options: SimulateOptions<P>): Promise<Simulation> {
  checkFaults(options.faults ?? [], buildGraph(definition, options.params as P), options.threads ?? threadsDefault);
  return { ...(await new SimulatedProcess(definition, options).run()), options };
}
