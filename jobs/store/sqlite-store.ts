/**
 * SqliteStore: checkpoints in a SQLite file, written by a thread of its own. What the file holds is kept in memory as well,
 * so that a restart within the process reads nothing.
 *
 * Not here: the file (store-file.ts) and the thread (store-thread.ts).
 */

import { join, resolve } from "node:path";
import type { CellRestore } from "../../actors/index.ts";
import { type Clock, decode, encode, type Logger, ServiceThread, toWire } from "../../runtime/index.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { CellNames } from "./cell-names.ts";
import { type CellStanding, type CheckpointChange, CheckpointLog } from "./checkpoint-log.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { manifestOf } from "./file/store-manifest.ts";
import type { StoreChanges } from "./file/store-parts.ts";
import type { FoundCheckpoint } from "./open-storage.ts";
import { storageErrorOf } from "./storage-error.ts";
import type { StorageSettings } from "./storage-options.ts";
import type { CommitAnswer, StoreAnswer, StoreRequest } from "./store-protocol.ts";

export class SqliteStore implements CheckpointStore {
  readonly place: string;
  readonly durable = true;
  readonly #thread: ServiceThread;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #names: CellNames;
  readonly #log = new CheckpointLog();

  private constructor(place: string, thread: ServiceThread, clock: Clock, logger: Logger, names: CellNames) {
    this.place = place;
    this.#thread = thread;
    this.#clock = clock;
    this.#logger = logger;
    this.#names = names;
  }

  /**
   * Opens the storage of a job, or creates it.
   *
   * @throws ERR_JOB_STORAGE, ERR_JOB_STORAGE_LOCKED, ERR_JOB_STORAGE_DAMAGED, ERR_JOB_STORAGE_FOREIGN,
   *   ERR_JOB_STORAGE_FORMAT, ERR_JOB_STORAGE_GRAPH
   */
  static async open(
    settings: StorageSettings,
    graph: JobGraph,
    plan: JobPlan,
    clock: Clock,
    logger: Logger,
  ): Promise<SqliteStore> {
    const directory = resolve(settings.directory);
    const thread = new ServiceThread({ module: storeThreadModule, export: "createStoreThread" });
    const place = join(directory, `${graph.name}.sqlite`);
    const store = new SqliteStore(place, thread, clock, logger, new CellNames(graph, plan));
    const request = { ...settings, kind: "open", directory, manifest: manifestOf(graph, clock.wallMs()) } as const;
    try {
      store.#restore((await store.#ask(request)) as FoundCheckpoint);
    } catch (error) {
      await thread.close().catch(() => undefined);
      throw error;
    }
    return store;
  }

  get epoch(): number {
    return this.#log.epoch;
  }

  restoreOf(cell: string): CellRestore | undefined {
    return this.#log.restoreOf(cell);
  }

  async commit({ epoch, snapshots }: Checkpoint): Promise<void> {
    const change = this.#log.changeOf(epoch, snapshots);
    const changes = this.#changesOf(change);
    const buffers = Object.values(changes).flatMap((records) => records.map(({ bytes }) => bytes.buffer));
    const answer = await this.#ask({ kind: "commit", commit: { epoch, atMs: this.#clock.wallMs(), changes } }, buffers);
    this.#log.apply(change);
    const { copyFailure } = answer as CommitAnswer;
    if (copyFailure === undefined) return;
    this.#logger.log("warn", "a copy of the checkpoints could not be made; it is tried again with the next one", {
      place: this.place,
      message: copyFailure,
    });
  }

  async close(): Promise<void> {
    try {
      await this.#ask({ kind: "close" });
    } finally {
      await this.#thread.close();
    }
  }

  async #ask(request: StoreRequest, transfer: readonly ArrayBuffer[] = []): Promise<StoreAnswer> {
    try {
      return (await this.#thread.request(request, transfer)) as StoreAnswer;
    } catch (error) {
      throw storageErrorOf(this.place, toWire(error));
    }
  }

  /** In buffers of their own, which leave this thread. */
  #changesOf({ standings, deltas }: CheckpointChange) {
    return {
      standings: [...standings].map(([cell, standing]) => {
        const name = this.#names.ofCell(cell);
        return { ...name, bytes: new Uint8Array(encode(standing, `position of ${name.operator}`)) };
      }),
      state: deltas.map(({ cell, operator, number, bytes, replaces }) => {
        const { instance } = this.#names.ofCell(cell);
        return { operator, instance, number, bytes: new Uint8Array(bytes), replaces };
      }),
    } satisfies StoreChanges;
  }

  #restore({ epoch, contents, fallBack }: FoundCheckpoint): void {
    if (fallBack !== undefined) {
      this.#logger.log("warn", "the checkpoints were damaged; the job goes on from an older one", { ...fallBack });
    }
    if (epoch === 0) return;
    const standings = contents.standings.map(
      (record) => [this.#names.cellOf(record), decode(record.bytes) as CellStanding] as const,
    );
    const deltas = contents.state.map((record) => ({ ...record, cell: this.#names.cellOf(record), replaces: false }));
    this.#log.apply({ epoch, standings: new Map(standings), deltas });
  }
}

/** `.ts` in the sources, `.js` in the built package. */
const storeThreadModule = import.meta.resolve(
  import.meta.url.endsWith(".ts") ? "./store-thread.ts" : "./store-thread.js",
);
