import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { isRevocation, type Revocation, type RevocationStore } from "../../auth/revocation-store.ts";

/** Revocations in one JSON file. A new file takes the place of the old one in one step, so that a crash leaves one of them whole. */
export class FileRevocationStore implements RevocationStore {
  readonly #path: string;
  /** The save that is under way: two at once would share the temporary file. */
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<readonly Revocation[]> {
    const text = await this.#read();
    if (text === undefined) return [];
    const parsed = parse(text);
    if (!Array.isArray(parsed) || !parsed.every(isRevocation))
      throw new Error(
        `${this.#path} is damaged: it must be a JSON list of revocations. Repair it, or remove it to revoke nothing.`,
      );
    return parsed;
  }

  save(all: readonly Revocation[]): Promise<void> {
    const saved = this.#last.then(() => this.#write(JSON.stringify(all)));
    // A failed save is told to its caller; the next one is tried all the same.
    this.#last = saved.catch(() => undefined);
    return saved;
  }

  async #read(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async #write(text: string): Promise<void> {
    const temporary = `${this.#path}.new`;
    await mkdir(dirname(this.#path), { recursive: true });
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
