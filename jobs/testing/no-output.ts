/** noOutput of the room below, for the tests of this one. */

export { noOutput } from "../../actors/testing/index.ts";
