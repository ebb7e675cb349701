/** One event as an EventSource would give it. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** A client of a stream of events that reads as the standard says. [WHATWG HTML, 9.2.6] */
export class EventReader {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #events: SseEvent[] = [];
  readonly #abort: AbortController;
  #text = "";
  comments = 0;
  retry: number | undefined;
  ended = false;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.#reader = response.body!.getReader();
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(url, { headers, signal: abort.signal });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return new EventReader(response, abort);
  }

  /** The next event; undefined when the stream has ended. */
  async next(): Promise<SseEvent | undefined> {
    while (this.#events.length === 0 && !this.ended) await this.#read();
    return this.#events.shift();
  }

  async take(count: number): Promise<SseEvent[]> {
    const events: SseEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === undefined) break;
      events.push(event);
    }
    return events;
  }

  /** Reads on until a comment came. */
  async comment(): Promise<void> {
    const before = this.comments;
    while (this.comments === before && !this.ended) await this.#read();
  }

  leave(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) this.ended = true;
    else this.#text += this.#decoder.decode(value, { stream: true });
    for (let end = this.#text.indexOf("\n\n"); end >= 0; end = this.#text.indexOf("\n\n")) {
      this.#block(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
    }
  }

  #block(block: string): void {
    let event = "message";
    let id: string | undefined;
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const [field, value] = [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()];
      if (field === "") this.comments += 1;
      if (field === "event") event = value;
      if (field === "id") id = value;
      if (field === "data") data.push(value);
      if (field === "retry") this.retry = Number(value);
    }
    if (data.length > 0) this.#events.push({ event, data: data.join("\n"), id });
  }
}
