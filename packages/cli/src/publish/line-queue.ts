/** A line that waits to be sent. */
export interface Line {
  /** Counted from 1, empty lines left out. */
  readonly number: number;
  readonly body: string;
}

/** What is read ahead while a request is under way. */
const MAX_LINES = 4000;
const MAX_CHARS = 4 * 1024 * 1024;

/** Between the reader of the input and the sender: bounded, so that the input waits when the server is slower. */
export class LineQueue {
  readonly #lines: Line[] = [];
  #chars = 0;
  #end: { readonly error: Error | undefined } | undefined;
  #wake = (): void => {};

  /** Resolves when there is room for more. */
  async add(lines: readonly Line[]): Promise<void> {
    for (const line of lines) this.#chars += line.body.length;
    this.#lines.push(...lines);
    this.#wake();
    while (this.#lines.length > MAX_LINES || this.#chars > MAX_CHARS) await this.#change();
  }

  /** No more lines come; with an error, because the input broke. */
  end(error?: Error): void {
    this.#end = { error };
    this.#wake();
  }

  /** All that waits, up to `count` lines and `chars` characters, but at least one; nothing at the end. */
  async take(count: number, chars: number): Promise<readonly Line[]> {
    while (this.#lines.length === 0 && this.#end === undefined) await this.#change();
    if (this.#lines.length === 0 && this.#end?.error !== undefined) throw this.#end.error;
    let size = 0;
    const next = this.#lines.findIndex(({ body }, i) => i >= count || ((size += body.length) > chars && i > 0));
    const taken = this.#lines.splice(0, next < 0 ? this.#lines.length : next);
    for (const { body } of taken) this.#chars -= body.length;
    this.#wake();
    return taken;
  }

  /** One side waits at a time: the reader for room, or the sender for lines. */
  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
