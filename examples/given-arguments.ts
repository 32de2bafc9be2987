/** GivenArguments: what was typed behind an example that has no options. */

import { parseArgs } from "node:util";

/**
 * Returns the arguments, at most `countMax`. Ends the process when `--help` is asked for (exit code 0), and for what the example does not
 * take (2).
 *
 * @param usage how it is started, and what it does, in lines
 */
export function givenArguments(usage: string, countMax = 0): string[] {
  try {
    const { values, positionals } = parseArgs({
      options: { help: { type: "boolean", short: "h" } },
      allowPositionals: countMax > 0,
    });
    if (values.help === true) {
      console.log(usage);
      process.exit(0);
    }
    const [unwanted] = positionals.slice(countMax);
    return unwanted === undefined ? positionals : refuse(`one argument too many: ${unwanted}`, usage);
  } catch (error) {
    return refuse((error as Error).message, usage);
  }
}

/** Says what is wrong with the arguments, and ends the process. */
export function refuse(problem: string, usage: string): never {
  console.error(`error ${problem}\n${usage}`);
  process.exit(2);
}
