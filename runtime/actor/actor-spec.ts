/** actorSpec: how a cell for a hand-written actor is made, on this thread or on another one. */

import type { CellContext, CellLogic, CellSpec } from "../cells/cell-logic.ts";
import { assertPlainData } from "../codec/plain-data.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import { ActorDefinition } from "./actor-definition.ts";
import { ActorLogic } from "./actor-logic.ts";

export class ActorModuleError extends MillraceError {
  readonly code = "ERR_RT_ACTOR_MODULE";
}

interface ActorModuleArgs {
  readonly moduleUrl: string;
  readonly definition: string;
  readonly args: unknown;
}

/**
 * @throws ERR_RT_ACTOR_MODULE when an actor without a module is to live on a worker thread
 * @throws ERR_RT_NOT_PLAIN_DATA when its args cannot cross threads
 */
export function actorSpec<Message, Reply, Args>(
  definition: ActorDefinition<Message, Reply, Args>,
  args: Args | undefined,
  host: number,
): CellSpec {
  if (host === 0 || definition.moduleUrl === undefined) {
    if (host !== 0 && definition.moduleUrl === undefined) {
      const what = `actor ${definition.name} has no module URL and can only live on host 0, not on host ${host}`;
      throw new ActorModuleError(`${what}; define it with defineActor(name, import.meta.url, ...)`);
    }
    return { kind: "local", create: (context) => actorLogic(context, definition, args) };
  }
  assertPlainData(args, "args");
  const moduleArgs: ActorModuleArgs = { moduleUrl: definition.moduleUrl, definition: definition.name, args };
  return { kind: "module", module: import.meta.url, export: "createActorLogic", args: moduleArgs };
}

/** What a worker thread calls to make the logic. Rejects with ERR_RT_ACTOR_MODULE. */
export async function createActorLogic(context: CellContext, moduleArgs: unknown): Promise<CellLogic> {
  const { moduleUrl, definition, args } = moduleArgs as ActorModuleArgs;
  const exported = Object.values((await import(moduleUrl)) as Record<string, unknown>);
  for (const value of exported) {
    if (value instanceof ActorDefinition && value.name === definition) return actorLogic(context, value, args);
  }
  throw new ActorModuleError(`${moduleUrl} exports no actor definition named ${definition}`);
}

function actorLogic<Message, Reply, Args>(
  context: CellContext,
  definition: ActorDefinition<Message, Reply, Args>,
  args: unknown,
): ActorLogic {
  return new ActorLogic(context, definition as unknown as ActorDefinition<unknown, unknown, unknown>, args, actorSpec);
}
