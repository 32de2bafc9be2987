/**
 * ActorDefinition: what a hand-written actor does. A definition with the URL of its module can be spawned on any thread,
 * because the thread can import the module; one without lives on the calling thread.
 */

import { checkName } from "../address.ts";
import { OptionError } from "../errors/option-error.ts";
import { checkNames } from "../errors/option-names.ts";
import {
  checkSupervisionNames,
  type SupervisionOptions,
  supervisionPolicy,
} from "../supervision/supervision-policy.ts";
import type { ActorContext } from "./actor-context.ts";

/** Handles one message; what it returns (or resolves to) answers an ask. */
export type Receive<Message, Reply = unknown> = (message: Message) => Reply;

export interface ActorHandlers<Message, Reply = unknown> {
  readonly receive: Receive<Message, Reply>;
  /** A watched actor is no more; its path, and why. Without it, terminations are ignored. */
  readonly onTerminated?: (path: string, reason: string) => void;
  /** Closes what the actor opened: after a stop and before a restart. */
  readonly onStop?: () => void | Promise<void>;
}

/** Runs once per incarnation and returns the handlers; whatever it closes over is the actor's state. */
export type ActorSetup<Message, Reply, Args> = (
  context: ActorContext,
  args: Args,
) =>
  | Receive<Message, Reply>
  | ActorHandlers<Message, Reply>
  | Promise<Receive<Message, Reply> | ActorHandlers<Message, Reply>>;

export interface ActorOptions {
  /** How this actor supervises its children. */
  readonly supervision?: SupervisionOptions;
}

export class ActorDefinition<Message = never, Reply = unknown, Args = never> {
  readonly name: string;
  readonly moduleUrl: string | undefined;
  readonly setup: ActorSetup<Message, Reply, Args>;
  readonly options: ActorOptions;

  constructor(
    name: string,
    moduleUrl: string | undefined,
    setup: ActorSetup<Message, Reply, Args>,
    options: ActorOptions,
  ) {
    this.name = checkName("actor definition", name);
    this.moduleUrl = moduleUrl;
    this.setup = setup;
    this.options = options;
    checkNames(`actor ${name}`, options, { supervision: true });
    checkSupervisionNames(`actor ${name}: supervision`, options.supervision ?? {});
    supervisionPolicy(options.supervision, `actor ${name}: supervision`);
  }
}

/**
 * Defines an actor that any thread can run. The module at `moduleUrl` (write `import.meta.url`) must export the result.
 *
 * @throws ERR_RT_OPTION for a bad name or supervision
 */
export function defineActor<Message, Reply, Args = void>(
  name: string,
  moduleUrl: string,
  setup: ActorSetup<Message, Reply, Args>,
  options?: ActorOptions,
): ActorDefinition<Message, Awaited<Reply>, Args>;
/** Defines an actor that lives on the calling thread. */
export function defineActor<Message, Reply, Args = void>(
  name: string,
  setup: ActorSetup<Message, Reply, Args>,
  options?: ActorOptions,
): ActorDefinition<Message, Awaited<Reply>, Args>;
export function defineActor(
  name: string,
  urlOrSetup: string | ActorSetup<never, unknown, never>,
  setupOrOptions?: ActorSetup<never, unknown, never> | ActorOptions,
  options: ActorOptions = {},
): ActorDefinition<never, unknown, never> {
  if (typeof urlOrSetup === "function") {
    return new ActorDefinition(name, undefined, urlOrSetup, (setupOrOptions as ActorOptions | undefined) ?? {});
  }
  if (typeof setupOrOptions !== "function") {
    throw new OptionError(`actor ${name}: setup`, setupOrOptions, "a function (context, args) => handlers");
  }
  return new ActorDefinition(name, urlOrSetup, setupOrOptions, options);
}
