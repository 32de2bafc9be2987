/** ProgressField: what a thread tells in memory that the main thread can read without asking, also when the thread hangs or is gone. */

/** How many operators that are at work in one loop are told by name (in-hand.ts); of more of them only their cell is. */
export const inHandMax = 16;

/** The elements of a thread's progress array. */
export const progressField = {
  /** Changes as long as the thread makes progress. */
  counter: 0,
  /** Not 0 while the thread has its garbage collected, and therefore stands still for a good reason. */
  isCollecting: 1,
  /** Modules that are being loaded, which may block the thread for longer than a single event may. */
  loadingModules: 2,
  /** What cells of the thread have taken on since it began, in units of their own, modulo 2^32 (unfinished-work.ts). */
  workTaken: 3,
  /** What of it they have handed to others, or finished; the rest is lost if the thread dies. */
  workDone: 4,
  /** The cell that has its turn; 0 for none. */
  cell: 5,
  /** How many operators of it are at work, less than 0 while a source hands them events; 0 where that is not known. */
  parts: 6,
  /** The counter as they began. */
  partsFrom: 7,
  /** How many events the first of them had taken before; -1 where it is none that it has in hand. */
  partsTaken: 8,
  /** The first of them; the others behind it. */
  firstPart: 9,
} as const;

/** How many elements there are. */
export const progressLength = progressField.firstPart + inHandMax;
