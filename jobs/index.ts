/** The door of the jobs room, and of the package: what a user writes and runs. */

export { MillraceError } from "../runtime/index.ts";
