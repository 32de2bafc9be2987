/**
 * OperatorSupervision: what a job's author says about failures, of one operator or of all. The strategy (who restarts along)
 * is not theirs to say: it follows from the guarantee of the run.
 */

import { type Directive, type SupervisionOptions, supervisionPolicy } from "../runtime/index.ts";

/** A directive for every failure, or rules and budgets. */
export type OperatorSupervision = Directive | Omit<SupervisionOptions, "strategy">;

/**
 * The options in their full form, checked.
 *
 * @param path names them in errors: `operator "parse": supervision`
 * @throws ERR_RT_OPTION
 */
export function supervisionOptions(given: OperatorSupervision, path: string): SupervisionOptions {
  const options: SupervisionOptions = typeof given === "string" ? { otherwise: given } : given;
  supervisionPolicy(options, path);
  return Object.freeze({ ...options });
}
