/**
 * OperatorSupervision: what a job's author says about failures, of one operator or of all. The strategy (who restarts along)
 * is not theirs to say: it follows from the guarantee of the run.
 */

import {
  checkNames,
  type Directive,
  OptionError,
  type OptionNames,
  type SupervisionOptions,
  supervisionOptionNames,
  supervisionPolicy,
} from "../runtime/index.ts";

/** A directive for every failure, or rules and budgets. */
export type OperatorSupervision = Directive | OperatorSupervisionOptions;

export interface OperatorSupervisionOptions extends Omit<SupervisionOptions, "strategy"> {
  /**
   * What becomes of an event that has failed once and `messageRetries` times more, where failures are followed by a replay:
   * `dead-letter` (the default), and the stream goes on; or `stop`, and the run fails.
   */
  readonly whenRetriesSpent?: "dead-letter" | "stop";
}

const { strategy: _decidedByGuarantee, ...supervisionNames } = supervisionOptionNames;

const operatorSupervisionNames: OptionNames<OperatorSupervisionOptions> = {
  ...supervisionNames,
  whenRetriesSpent: true,
};

/**
 * The options in their full form, checked.
 *
 * @param path names them in errors: `operator "parse": supervision`
 * @throws ERR_RT_OPTION
 */
export function supervisionOptions(given: OperatorSupervision, path: string): OperatorSupervisionOptions {
  const options: OperatorSupervisionOptions = typeof given === "string" ? { otherwise: given } : given;
  checkNames(path, options, operatorSupervisionNames);
  supervisionPolicy(options, path);
  const { whenRetriesSpent = "dead-letter" } = options;
  if (whenRetriesSpent !== "dead-letter" && whenRetriesSpent !== "stop") {
    throw new OptionError(`${path}.whenRetriesSpent`, whenRetriesSpent, '"dead-letter" or "stop"');
  }
  return Object.freeze({ ...options });
}
