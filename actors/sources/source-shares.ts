/**
 * SourceShares: how a replayable source goes on with another number of instances. A source cuts its input into shares, one
 * per instance, when its job first starts: by index, by byte, by file. No cut fits another number, so the shares stay as they
 * are, each with its position, and every instance of now reads several of them, or none.
 *
 * Invariants
 *  P1  a share is read by exactly one instance.
 *  P2  a reader of a share is told the instance and the parallelism of the time when the input was cut.
 */

import { mutated } from "../../runtime/index.ts";
import { closeAll } from "../cells/close-all.ts";
import type {
  PollResult,
  Position,
  SourceContext,
  SourceOutput,
  SourceProgress,
  SourceReader,
  SourceSpec,
} from "../source.ts";

interface SourceShare {
  /** The instance that it was cut for, among so many. */
  readonly instance: number;
  readonly parallelism: number;
  readonly position: Position | undefined;
  readonly ended: boolean;
}

/** The position of an instance that reads shares. */
interface SharesPosition {
  readonly "millrace.shares": readonly SourceShare[];
}

/** Where an instance stands, and whether it has read everything. */
export interface ShareStanding {
  readonly position: Position | undefined;
  readonly ended: boolean;
}

/** The standings of a source, shared out among another number of instances. */
export function sharedOut(standings: readonly ShareStanding[], parallelism: number): readonly ShareStanding[] {
  const shares = standings
    .flatMap(({ position, ended }, instance): readonly SourceShare[] =>
      holdsShares(position)
        ? position["millrace.shares"].map((share) => ({ ...share, ended: ended || share.ended }))
        : [{ instance, parallelism: standings.length, position, ended }],
    )
    .sort((left, right) => left.instance - right.instance);
  // Cut for as many as there are now: each reads its own, as at first.
  if (shares.length === parallelism) return shares.map(({ position, ended }) => ({ position, ended }));
  return Array.from({ length: parallelism }, (_, instance) => {
    const own = shares.filter((_share, index) => index % parallelism === instance);
    return { position: { "millrace.shares": own } satisfies SharesPosition, ended: own.every(({ ended }) => ended) };
  });
}

/** The source as the reader of a position, which may be one of shares. */
export function sourceAt(spec: SourceSpec<unknown>, position: Position | undefined): SourceSpec<unknown> {
  return holdsShares(position) ? { ...spec, create: () => new SharesReader(spec) } : spec;
}

function holdsShares(position: Position | undefined): position is SharesPosition {
  return typeof position === "object" && position !== null && "millrace.shares" in position;
}

interface OpenShare {
  readonly share: SourceShare;
  readonly reader: SourceReader<unknown> | undefined;
  ended: boolean;
}

class SharesReader implements SourceReader<unknown> {
  readonly #spec: SourceSpec<unknown>;
  #shares: OpenShare[] = [];
  /** Whose turn it is, among those that have not ended. */
  #next = 0;

  constructor(spec: SourceSpec<unknown>) {
    this.#spec = spec;
  }

  async open(context: SourceContext, position: Position | undefined): Promise<void> {
    const shares = (position as SharesPosition)["millrace.shares"];
    this.#shares = shares.map((share) => ({
      share,
      reader: share.ended ? undefined : this.#spec.create(),
      ended: share.ended,
    }));
    for (const { share, reader } of this.#shares) {
      await reader?.open(contextOf(share, context), share.position);
    }
  }

  /** Shares take turns, where there are more of them than events asked for. */
  poll(output: SourceOutput<unknown>, eventCountMax: number): PollResult {
    const living = this.#shares.filter(({ ended }) => !ended);
    if (living.length === 0) return "end";
    const eventCount = Math.max(1, Math.floor(eventCountMax / living.length));
    const asked = Math.min(living.length, eventCountMax);
    const results = Array.from({ length: asked }, (_, turn): PollResult => {
      const share = living[(this.#next + turn) % living.length] as OpenShare;
      const result = share.reader?.poll(output, eventCount) ?? "end";
      share.ended = result === "end";
      return result;
    });
    this.#next = (this.#next + asked) % living.length;
    if (asked < living.length || results.includes("more")) return "more";
    return results.includes("waiting") ? "waiting" : "end";
  }

  position(): SharesPosition {
    return {
      "millrace.shares": this.#shares.map(({ share, reader, ended }) => {
        const position = reader === undefined ? share.position : reader.position?.();
        return { ...share, position, ended };
      }),
    };
  }

  /** To whom reads each share, as far as that has come. */
  acknowledge(position: Position): void | Promise<void> {
    if (mutated("shares.not-acknowledged")) return;
    const reached = (position as SharesPosition)["millrace.shares"];
    const told = this.#shares.map(({ reader }, index) => {
      const own = reached[index]?.position;
      return own === undefined ? undefined : reader?.acknowledge?.(own);
    });
    if (told.some((each) => each !== undefined)) return Promise.all(told).then(() => undefined);
  }

  progress(): SourceProgress {
    const parts = this.#shares.flatMap(({ reader }) => reader?.progress?.() ?? []);
    return {
      done: parts.reduce((sum, { done }) => sum + done, 0),
      total: parts.reduce((sum, { total }) => sum + total, 0),
      unit: parts[0]?.unit ?? "events",
    };
  }

  close(): Promise<void> {
    return closeAll(
      this.#shares.map(
        ({ reader }) =>
          () =>
            reader?.close?.(),
      ),
    );
  }
}

/** P2 */
function contextOf({ instance, parallelism }: SourceShare, context: SourceContext): SourceContext {
  const { job, operator, address, incarnation, clock, random, logger, services, signal, storage } = context;
  return {
    job,
    operator,
    instance,
    parallelism,
    address,
    incarnation,
    clock,
    random,
    logger,
    services,
    signal,
    storage,
    readingMs: () => context.readingMs(),
    wake: () => context.wake(),
    deadLetter: (value, error, event) => context.deadLetter(value, error, event),
    fail: (error) => context.fail(error),
    failEvent: (value, error, event) => context.failEvent(value, error, event),
  };
}
