/** Seam: log lines. One line is a level, a message and plain fields; where it goes is the binding's business. */

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Lines to standard error as `level message key=value ...`, from `minimum` upwards. */
export class StderrLogger implements Logger {
  readonly #minimumRank: number;

  constructor(minimum: LogLevel = "warn") {
    this.#minimumRank = rank[minimum];
  }

  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (rank[level] < this.#minimumRank) return;
    const tail = Object.entries(fields).map(([name, value]) => ` ${name}=${printField(value)}`);
    process.stderr.write(`${level} ${message}${tail.join("")}\n`);
  }
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

function printField(value: unknown): string {
  return typeof value === "string" && !/[\s"]/.test(value) ? value : (JSON.stringify(value) ?? String(value));
}
