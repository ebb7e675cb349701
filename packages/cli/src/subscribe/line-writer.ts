import type { Terminal } from "../terminal.ts";

/** Characters that may wait before the writer asks its user to wait too. */
const FULL = 1024 * 1024;

/** Writes what came within one turn at once: a write for each of many small lines would cost more than the lines. */
export class LineWriter {
  readonly #out: Terminal["out"];
  #waiting: string[] = [];
  #chars = 0;
  #writing: Promise<void> | undefined;

  constructor({ out }: Pick<Terminal, "out">) {
    this.#out = out;
  }

  /** Undefined while there is room; else a promise that resolves when there is. */
  add(line: string): Promise<void> | undefined {
    this.#waiting.push(line);
    this.#chars += line.length;
    this.#writing ??= Promise.resolve().then(() => this.#write());
    return this.#chars > FULL ? this.#writing : undefined;
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join("");
      this.#waiting = [];
      this.#chars = 0;
      await this.#out(text);
    }
    this.#writing = undefined;
  }
}
