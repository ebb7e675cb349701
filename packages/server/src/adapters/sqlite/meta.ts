import type { Database } from "bun:sqlite";

/** What the file knows of itself as a whole. */
export interface MetaValues {
  readonly epoch: string;
  /** by_topic holds every message up to here. */
  readonly indexed: number;
  /** Newest offset of any topic that was forgotten. */
  readonly forgotten: number;
  /** Messages up to here may have been lost with the power. */
  readonly lost: number;
  /** 1 after an orderly close. */
  readonly clean: number;
  /** Of the log that had the file open last. */
  readonly durability: string;
  /** Identity of the machine's running system when the file was opened last. */
  readonly boot: string;
}

export class Meta {
  readonly #get;
  readonly #set;

  constructor(db: Database) {
    this.#get = db.prepare<{ value: string | number }, [string]>("SELECT value FROM meta WHERE key = ?");
    this.#set = db.prepare<unknown, [string, string | number]>(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
  }

  text(key: keyof MetaValues): string {
    const value = this.#get.get(key)?.value;
    return typeof value === "string" ? value : "";
  }

  number(key: keyof MetaValues): number {
    const value = this.#get.get(key)?.value;
    return typeof value === "number" ? value : 0;
  }

  set<K extends keyof MetaValues>(key: K, value: MetaValues[K]): void {
    this.#set.run(key, value);
  }
}
