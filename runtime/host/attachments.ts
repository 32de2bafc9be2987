/**
 * Attachments: what a command carries that may be too large for a frame. They travel beside its packet, as byte strings that
 * are handed over and not copied, and the host that gets the command puts both together again.
 *
 * Invariant
 *  A1  attachments come with the command of one cell, alone in its packet.
 */

import { assert } from "../assert.ts";
import type { CellSpec } from "../cells/cell-logic.ts";
import type { HostCommand } from "./frame.ts";

/** A command without its attachments, and these. */
export function detached(command: HostCommand): readonly [command: HostCommand, attachments: readonly Uint8Array[]] {
  const spec = moduleSpecOf(command);
  if (spec?.attachments === undefined) return [command, []];
  const { attachments, ...bare } = spec;
  return [{ ...command, spec: bare } as HostCommand, attachments];
}

/** What `detached` was given. */
export function attached(command: HostCommand, attachments: readonly Uint8Array[]): HostCommand {
  if (attachments.length === 0) return command;
  const spec = moduleSpecOf(command);
  assert(spec !== undefined, "A1: attachments belong to a cell that is made from a module");
  return { ...command, spec: { ...spec, attachments } } as HostCommand;
}

function moduleSpecOf(command: HostCommand): Extract<CellSpec, { kind: "module" }> | undefined {
  const spec = command.kind === "start" || command.kind === "restart" ? command.spec : null;
  return spec?.kind === "module" ? spec : undefined;
}
