/**
 * SqliteStore: checkpoints in a SQLite file, written by a thread of its own. What the file holds is kept in memory as well,
 * so that a restart within the process reads nothing.
 *
 * Not here: the file (store-file.ts) and the thread (store-thread.ts).
 */

import { join, resolve } from "node:path";
import type { CellRestore } from "../../actors/index.ts";
import { type Clock, decode, encode, ServiceThread, toWire } from "../../runtime/index.ts";
import { fingerprint } from "../fingerprint.ts";
import type { JobGraph } from "../job-graph.ts";
import type { JobPlan } from "../job-plan.ts";
import { cellKey } from "../run/channel-attempts.ts";
import { type CellStanding, type CheckpointChange, CheckpointLog } from "./checkpoint-log.ts";
import type { CheckpointStore, EpochSnapshots } from "./checkpoint-store.ts";
import { storageErrorOf } from "./storage-error.ts";
import type { StoredCheckpoint, StoredRecord, StoreRequest, WrittenRecord } from "./store-protocol.ts";

export class SqliteStore implements CheckpointStore {
  readonly place: string;
  readonly #thread: ServiceThread;
  readonly #clock: Clock;
  readonly #names: CellNames;
  readonly #log = new CheckpointLog();

  private constructor(place: string, thread: ServiceThread, clock: Clock, names: CellNames) {
    this.place = place;
    this.#thread = thread;
    this.#clock = clock;
    this.#names = names;
  }

  /**
   * Opens the storage of a job, or creates it.
   *
   * @param directory where the file of the job is, relative to the working directory
   * @throws ERR_JOB_STORAGE, ERR_JOB_STORAGE_LOCKED, ERR_JOB_STORAGE_DAMAGED, ERR_JOB_STORAGE_FOREIGN,
   *   ERR_JOB_STORAGE_FORMAT, ERR_JOB_STORAGE_GRAPH
   */
  static async open(directory: string, graph: JobGraph, plan: JobPlan, clock: Clock): Promise<SqliteStore> {
    const place = join(resolve(directory), `${graph.name}.sqlite`);
    const thread = new ServiceThread({ module: storeThreadModule, export: "createStoreThread" });
    const store = new SqliteStore(place, thread, clock, new CellNames(graph, plan));
    const manifest = { job: graph.name, graph: fingerprint(graph).text, createdAtMs: clock.wallMs() };
    try {
      store.#restore((await store.#ask({ kind: "open", directory: resolve(directory), manifest })) as StoredCheckpoint);
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

  async commit(epoch: number, snapshots: EpochSnapshots): Promise<void> {
    const change = this.#log.changeOf(epoch, snapshots);
    const records = this.#recordsOf(change);
    const buffers = records.map(({ bytes }) => bytes.buffer as ArrayBuffer);
    await this.#ask({ kind: "commit", epoch, atMs: this.#clock.wallMs(), records }, buffers);
    this.#log.apply(change);
  }

  async close(): Promise<void> {
    try {
      await this.#ask({ kind: "close" });
    } finally {
      await this.#thread.close();
    }
  }

  async #ask(request: StoreRequest, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    try {
      return await this.#thread.request(request, transfer);
    } catch (error) {
      throw storageErrorOf(this.place, toWire(error));
    }
  }

  /** In buffers of their own, which leave this thread. */
  #recordsOf({ standings, deltas }: CheckpointChange): WrittenRecord[] {
    return [
      ...[...standings].map(([cell, standing]): WrittenRecord => {
        const name = this.#names.ofCell(cell);
        return {
          kind: "standing",
          ...name,
          number: 0,
          bytes: encode(standing, `position of ${name.operator}`),
          replaces: true,
        };
      }),
      ...deltas.map(({ cell, operator, number, bytes, replaces }): WrittenRecord => {
        const { instance } = this.#names.ofCell(cell);
        return { kind: "delta", operator, instance, number, bytes: new Uint8Array(bytes), replaces };
      }),
    ];
  }

  #restore({ epoch, records }: StoredCheckpoint): void {
    if (epoch === 0) return;
    const standings = records
      .filter(({ kind }) => kind === "standing")
      .map((record) => [this.#names.cellOf(record), decode(record.bytes) as CellStanding] as const);
    const deltas = records
      .filter(({ kind }) => kind === "delta")
      .map((record) => ({ ...record, cell: this.#names.cellOf(record), replaces: false }));
    this.#log.apply({ epoch, standings: new Map(standings), deltas });
  }
}

type InstanceName = Pick<StoredRecord, "operator" | "instance">;

/** Between the keys of cells in this plan and the names of operators, which stay. */
class CellNames {
  readonly #names = new Map<string, InstanceName>();
  readonly #chains = new Map<string, number>();

  constructor(graph: JobGraph, plan: JobPlan) {
    for (const { id, nodes, instances } of plan.chains) {
      const names = nodes.map((node) => graph.nodes[node]?.name ?? "");
      for (const name of names) this.#chains.set(name, id);
      for (const { instance } of instances) {
        this.#names.set(cellKey(id, instance), { operator: names[0] ?? "", instance });
      }
    }
  }

  /** The operator at the head of a cell. */
  ofCell(cell: string): InstanceName {
    return this.#names.get(cell) as InstanceName;
  }

  cellOf({ operator, instance }: InstanceName): string {
    return cellKey(this.#chains.get(operator) as number, instance);
  }
}

/** `.ts` in the sources, `.js` in the built package. */
const storeThreadModule = import.meta.resolve(
  import.meta.url.endsWith(".ts") ? "./store-thread.ts" : "./store-thread.js",
);
