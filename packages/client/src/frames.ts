/** The protocol's own bound (`LIMITS.commandsPerFrame`). */
const COMMANDS = 1000;
/** Characters: far under any server's frame limit even at three bytes each, and past the point where fewer frames pay. */
const CHARS = 16_384;

/** Puts the commands of one turn into as few frames as the limits allow. */
export class FrameWriter {
  readonly #write: (frame: string) => void;
  #lines: string[] = [];
  #chars = 0;

  constructor(write: (frame: string) => void) {
    this.#write = write;
  }

  add(line: string): void {
    if (this.#chars + line.length > CHARS || this.#lines.length === COMMANDS) this.flush();
    if (this.#lines.push(line) === 1) queueMicrotask(() => this.flush());
    this.#chars += line.length;
  }

  flush(): void {
    const lines = this.#lines;
    this.clear();
    if (lines.length > 0) this.#write(lines.join("\n"));
  }

  clear(): void {
    this.#lines = [];
    this.#chars = 0;
  }
}
