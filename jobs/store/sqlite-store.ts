/**
 * SqliteStore: checkpoints in a SQLite file, written by a thread of its own. Here is only where cells stand; their state is read
 * from the file when a cell starts over.
 *
 * Not here: the file (store-file.ts) and the thread (store-thread.ts).
 */

import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CellRestore, EventDeadLetter } from "../../actors/index.ts";
import {
  assert,
  type Clock,
  decode,
  encode,
  faultPoint,
  type Logger,
  moduleBeside,
  ServiceThread,
  toWire,
} from "../../runtime/index.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import type { LetterBox, LetterChange } from "../letters/letter-box.ts";
import { jobTables } from "../tables/job-tables.ts";
import type { TableDefinition } from "../tables/table-row.ts";
import type { AdoptedCell } from "../upgrade/adopted-checkpoint.ts";
import { renamedLetters } from "../upgrade/renamed-letters.ts";
import type { StartSettings } from "../upgrade/start-options.ts";
import type { StoredStanding } from "../upgrade/stored-operators.ts";
import { takenOver } from "../upgrade/taken-over.ts";
import { changesText } from "../upgrade/upgrade-report.ts";
import { AnsweredSavepoints } from "./answered-savepoints.ts";
import { CellNames } from "./cell-names.ts";
import {
  type CellStanding,
  type Checkpoint,
  copiesOf,
  deltasOf,
  type EpochSnapshots,
  standingsOf,
} from "./checkpoint-store.ts";
import type { LetterWish, Wish } from "./file/letters-part.ts";
import { SavepointRequests } from "./file/savepoint-requests.ts";
import { manifestOf, type StoreManifest } from "./file/store-manifest.ts";
import type { StoreChanges } from "./file/store-parts.ts";
import { StoreSavepoints } from "./file/store-savepoints.ts";
import type { TemporaryStore } from "./memory-first-store.ts";
import type { MovingCheckpoint } from "./memory-store.ts";
import { StateReader } from "./state-reader.ts";
import { storageErrorOf } from "./storage-error.ts";
import type { StorageSettings } from "./storage-options.ts";
import type { StoreAnswers, StoreRequest } from "./store-protocol.ts";
import { makeTemporaryStorage } from "./temporary-storage.ts";

export interface StoreSeams {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class SqliteStore implements TemporaryStore {
  readonly place: string;
  readonly durable = true;
  readonly #thread: ServiceThread;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #names: CellNames;
  readonly letters: LetterBox;
  /** By the name of their sink. */
  readonly #tables: ReadonlyMap<string, TableDefinition>;
  readonly #standings = new Map<string, CellStanding>();
  #reader: StateReader | undefined;
  #epoch = 0;
  /** Removed at the end. */
  #temporaryFolder: string | undefined;
  readonly #savepoints: StoreSavepoints;
  readonly #wantedSavepoints: AnsweredSavepoints;
  /** What the cells start from, and what the job is made of now, until a checkpoint says so. */
  #moved: { readonly manifest: StoreManifest; readonly cells: ReadonlyMap<string, AdoptedCell> } | undefined;

  private constructor(
    place: string,
    thread: ServiceThread,
    seams: StoreSeams,
    names: CellNames,
    letters: LetterBox,
    tables: ReadonlyMap<string, TableDefinition>,
  ) {
    this.letters = letters;
    this.place = place;
    this.#thread = thread;
    this.#clock = seams.clock;
    this.#logger = seams.logger;
    this.#names = names;
    this.#tables = tables;
    const path = place.slice(0, -".sqlite".length);
    this.#savepoints = new StoreSavepoints(path);
    this.#wantedSavepoints = new AnsweredSavepoints(new SavepointRequests(path));
  }

  /** The thread for one storage. */
  static startThread(): ServiceThread {
    return new ServiceThread({ module: storeThreadModule, export: "createStoreThread" });
  }

  /**
   * Opens the storage of a job, or creates it, and takes over what it holds: of this version of the job or another one.
   *
   * @param thread has not been used yet; it ends with the store
   * @throws ERR_JOB_STORAGE, ERR_JOB_STORAGE_LOCKED, ERR_JOB_STORAGE_DAMAGED, ERR_JOB_STORAGE_FOREIGN,
   *   ERR_JOB_STORAGE_FORMAT, ERR_JOB_STORAGE_GRAPH, ERR_JOB_STORAGE_TABLE,
   *   ERR_JOB_SAVEPOINT_UNKNOWN
   */
  static async open(
    settings: StorageSettings & StartSettings & { readonly isTemporary?: boolean },
    graph: JobGraph,
    plan: JobPlan,
    letters: LetterBox,
    seams: StoreSeams,
    thread: ServiceThread,
  ): Promise<SqliteStore> {
    const directory = resolve(settings.directory);
    const tables = jobTables(graph);
    const place = join(directory, `${graph.name}.sqlite`);
    const store = new SqliteStore(place, thread, seams, new CellNames(graph, plan), letters, tables);
    const manifest = manifestOf(graph, seams.clock.wallMs());
    const { copies, onDamage, from, isTemporary = false } = settings;
    try {
      const request = {
        kind: "open",
        directory,
        manifest,
        copies,
        onDamage,
        tables: [...tables.values()],
        from,
        isTemporary,
      } as const;
      store.#takeOver(await store.#ask(request), manifest, graph, plan, settings.allowDropped);
    } catch (error) {
      await store.close().catch(() => undefined);
      throw error;
    }
    return store;
  }

  /**
   * Opens a storage that ends with the run, for checkpoints that were kept elsewhere before.
   *
   * @param thread as for `open`
   * @throws ERR_JOB_STORAGE
   */
  static async openTemporary(
    graph: JobGraph,
    plan: JobPlan,
    letters: LetterBox,
    seams: StoreSeams,
    thread: ServiceThread,
  ): Promise<SqliteStore> {
    const directory = makeTemporaryStorage(seams.clock.wallMs());
    const settings = { ...temporarySettings, directory };
    const store = await SqliteStore.open(settings, graph, plan, letters, seams, thread).catch((error: unknown) => {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    });
    store.#temporaryFolder = directory;
    return store;
  }

  takeOn({ epoch, cells }: MovingCheckpoint): void {
    assert(this.#epoch === 0 && this.#moved !== undefined, "a checkpoint moves into a file that has none");
    this.#epoch = epoch;
    for (const [cell, { standing }] of cells) this.#standings.set(cell, standing);
    this.#moved = { manifest: this.#moved.manifest, cells };
  }

  get epoch(): number {
    return this.#epoch;
  }

  standingOf(cell: string): Omit<CellRestore, "deltas"> | undefined {
    const standing = this.#standings.get(cell);
    return standing === undefined ? undefined : { epoch: this.#epoch, ...standing };
  }

  restoreOf(cell: string): CellRestore | undefined {
    const standing = this.standingOf(cell);
    if (standing === undefined || this.#reader === undefined) return undefined;
    const moved = this.#moved?.cells.get(cell);
    if (moved !== undefined) {
      const kept = [...moved.deltas].map(([operator, parts]) => [operator, copiesOf(parts)] as const);
      return { ...standing, deltas: Object.fromEntries(kept) };
    }
    const { instance } = this.#names.ofCell(cell);
    const deltas = this.#reader.deltasOf(this.#names.operatorsOf(cell), instance, this.#epoch);
    return { ...standing, deltas };
  }

  async commit({ epoch, snapshots }: Checkpoint): Promise<void> {
    const standings = standingsOf(snapshots);
    const letters = this.letters.changeOf(snapshots);
    const moved = this.#moved;
    const changes =
      moved === undefined
        ? this.#changesOf(standings, snapshots, letters)
        : this.#wholeOf(moved.cells, standings, snapshots, letters);
    const tables = this.#rowsOf(snapshots);
    const records = [...changes.standings, ...changes.state, ...changes.letters.added, ...tables];
    const buffers = records.map(({ bytes }) => bytes.buffer);
    const commit = {
      epoch,
      atMs: this.#clock.wallMs(),
      changes,
      tables,
      ...(moved === undefined ? {} : { anew: moved.manifest }),
    };
    const { wishes, copyFailure, savepointsWanted } = await this.#ask({ kind: "commit", commit }, buffers);
    this.#moved = undefined;
    this.#epoch = epoch;
    for (const [cell, standing] of standings) this.#standings.set(cell, standing);
    this.letters.apply(letters);
    this.#takeNote(wishes);
    this.#wantedSavepoints.see(savepointsWanted);
    if (copyFailure === undefined) return;
    this.#logger.log("warn", "a copy of the checkpoints could not be made; it is tried again with the next one", {
      place: this.place,
      message: copyFailure,
    });
  }

  answerSavepointsBy(take: (name: string) => Promise<unknown>): void {
    this.#wantedSavepoints.answerBy(take);
  }

  checkSavepoint(name: string): void {
    this.#savepoints.checkFree(name);
  }

  async savepoint(name: string): Promise<string> {
    const { path } = await this.#ask({ kind: "savepoint", name });
    return path;
  }

  async close(): Promise<void> {
    // Before the last connection, which tidies up behind the others.
    this.#reader?.close();
    this.#reader = undefined;
    try {
      await this.#ask({ kind: "close" });
    } finally {
      await this.#thread.close();
      if (this.#temporaryFolder !== undefined) rmSync(this.#temporaryFolder, { recursive: true, force: true });
    }
  }

  async #ask<R extends StoreRequest>(
    request: R,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<StoreAnswers[R["kind"]]> {
    try {
      return (await this.#thread.request(request, transfer)) as StoreAnswers[R["kind"]];
    } catch (error) {
      throw storageErrorOf(this.place, toWire(error));
    }
  }

  /** In buffers of their own, which leave this thread. */
  #changesOf(
    standings: ReadonlyMap<string, CellStanding>,
    snapshots: EpochSnapshots,
    { added, removed, droppedCount }: LetterChange,
  ) {
    return {
      standings: [...standings].map(([cell, { position, ended, reopenedAt, watermarks }]) => {
        const name = this.#names.ofCell(cell);
        const standing: StoredStanding = { position, ended, reopenedAt, watermarks };
        return { ...name, bytes: new Uint8Array(encode(standing, `position of ${name.operator}`)) };
      }),
      state: [...deltasOf(snapshots)].map(({ cell, operator, bytes }) => {
        const { instance } = this.#names.ofCell(cell);
        return { operator, instance, bytes: new Uint8Array(bytes) };
      }),
      letters: {
        added: added.map(({ number, letter }) => ({ number, bytes: encode(letter) })),
        removed: removed.map(({ number, letter: { id } }) => ({ number, id })),
        droppedCount: droppedCount === 0 ? undefined : this.letters.droppedCount + droppedCount,
      },
    } satisfies StoreChanges;
  }

  /** All of a checkpoint that was moved, and what has changed since. */
  #wholeOf(
    cells: ReadonlyMap<string, AdoptedCell>,
    standings: ReadonlyMap<string, CellStanding>,
    snapshots: EpochSnapshots,
    letters: LetterChange,
  ) {
    const changes = this.#changesOf(standings, snapshots, this.letters.wholeOf(letters));
    const before = [...cells].flatMap(([cell, { deltas }]) => {
      const { instance } = this.#names.ofCell(cell);
      return [...deltas].flatMap(([operator, parts]) =>
        parts.map((bytes) => ({ operator, instance, bytes: new Uint8Array(bytes) })),
      );
    });
    // Also what was dropped before: the rest of it is gone with what there was.
    const droppedCount = this.letters.droppedCount + letters.droppedCount;
    return { ...changes, state: [...before, ...changes.state], letters: { ...changes.letters, droppedCount } };
  }

  /** In buffers of their own, too: what could not be written is given again. */
  #rowsOf(snapshots: EpochSnapshots) {
    return [...snapshots.values()].flat().flatMap(({ rows }) =>
      Object.entries(rows).map(([sink, bytes]) => {
        const table = this.#tables.get(sink);
        assert(table !== undefined, "rows come from sinks of tables only");
        return { table, bytes: new Uint8Array(bytes) };
      }),
    );
  }

  #takeOver(
    found: StoreAnswers["open"],
    manifest: StoreManifest,
    graph: JobGraph,
    plan: JobPlan,
    allowDropped: readonly string[],
  ): void {
    const { epoch, fallBack, savepoint } = found;
    if (fallBack !== undefined) {
      this.#logger.log("warn", "the checkpoints were damaged; the job goes on from an older one", { ...fallBack });
    }
    this.#reader = new StateReader(this.place);
    const place = savepoint?.path ?? this.place;
    if (savepoint?.isBehind === true) {
      this.#logger.log("info", "the job has begun from this savepoint before, and goes on from its last checkpoint", {
        savepoint: savepoint.path,
        epoch,
      });
    }
    const begins = savepoint !== undefined && !savepoint.isBehind;
    const { createdAtMs, begunFrom } = found.manifest;
    const anew = { ...manifest, createdAtMs, begunFrom: begins ? savepoint.mark : begunFrom };
    if (epoch === 0) {
      this.#moved = { manifest: anew, cells: new Map() };
      return;
    }
    const { cells, changes } = takenOver(found, graph, plan, allowDropped, place);
    if (changes.length > 0) {
      const what = `job ${JSON.stringify(graph.name)} has changed since the checkpoint of epoch ${epoch}`;
      this.#logger.log("info", `${what}:\n${changesText(changes)}`, { place });
    }
    this.#epoch = epoch;
    for (const [cell, { standing }] of cells) this.#standings.set(cell, standing);
    if (found.state !== undefined) this.#moved = { manifest: anew, cells };
    const { records, droppedCount } = found.letters;
    const letters = records.map(({ number, bytes }) => {
      return { number, letter: decode(bytes) as EventDeadLetter, bytes: bytes.byteLength };
    });
    this.letters.restore(renamedLetters(letters, changes), droppedCount);
    this.#takeNote(found.wishes);
    faultPoint("store.restored");
  }

  #takeNote(wishes: readonly LetterWish[]): void {
    const idsOf = (wanted: Wish) => wishes.flatMap(({ id, wish }) => (wish === wanted ? [id] : []));
    this.letters.wish(idsOf("resubmit"));
    this.letters.delete(idsOf("delete"));
  }
}

/** Nothing of it outlives the run, so it needs no copies. */
const temporarySettings = {
  copies: { keep: 0, intervalMs: Number.MAX_SAFE_INTEGER },
  onDamage: "refuse",
  from: undefined,
  allowDropped: [],
  isTemporary: true,
} as const;

const storeThreadModule = moduleBeside(import.meta.url, "store-thread");
