import type { FakeSocket, Sent } from "./socket.ts";

interface Entry {
  readonly topic: string;
  readonly offset: number;
  readonly previous: number;
  readonly data: unknown;
  readonly id?: unknown;
  readonly time: number;
}

interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** What the model does wrong next. */
export interface Mischief {
  /** Message pushes that are lost, and that come twice. */
  lose: number;
  double: number;
  /** Message pushes that are left out, with a `gap` push in their place. */
  skip: number;
  /** Commands that are refused for the moment. */
  refuse: number;
}

/** A small server in memory that keeps the protocol's promises, except where it is told to break them. */
export class ModelServer {
  readonly mischief: Mischief = { lose: 0, double: 0, skip: 0, refuse: 0 };
  /** Every message that was ever stored, over all epochs. */
  readonly everything: Entry[] = [];
  #log: Entry[] = [];
  #epoch = 1;
  #head = 0;
  #socket: FakeSocket | undefined;
  readonly #keys = new Set<string>();
  #out: string[] = [];

  attach(socket: FakeSocket): void {
    this.#socket = socket;
    this.#out = [];
    this.#keys.clear();
    socket.onframe = (frame) => {
      if (this.#socket === socket) for (const each of socket.sent.slice(-frame.split("\n").length)) this.#handle(each);
    };
  }

  /** Opens the socket if that is due, and delivers some of what waits. */
  async deliver(count: number): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.closedWith !== undefined) return;
    if (socket.frames.length === 0) return socket.accept();
    const lines = this.#out.splice(0, count);
    if (lines.length > 0) await socket.frame(lines.join("\n"));
  }

  get waiting(): number {
    return this.#socket?.closedWith === undefined ? this.#out.length : 0;
  }

  async drop(code: number): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#out = [];
    this.#keys.clear();
    if (socket && socket.closedWith === undefined) await socket.drop(code);
  }

  publish(topic: string, data: unknown, id?: unknown): Entry {
    const previous = this.#log.findLast((each) => each.topic === topic)?.offset ?? 0;
    const entry = {
      topic,
      data,
      offset: ++this.#head,
      previous: Math.max(previous, this.#trimmed.get(topic) ?? 0),
      id,
      time: 1,
    };
    this.#log.push(entry);
    this.everything.push(entry);
    for (const key of this.#keys) if (fits(key, topic)) this.#pushMessage(key, entry);
    return entry;
  }

  /** Messages that a subscription at this position must still get, if they are there. */
  after(topic: string, position: Position | undefined): readonly unknown[] {
    if (position?.epoch !== `e${this.#epoch}`) return [];
    return this.#log.filter((each) => each.topic === topic && each.offset > position.offset).map((each) => each.data);
  }

  readonly #trimmed = new Map<string, number>();
  /** By subscription: the last offset that went out, and the last one that was left out since. */
  readonly #pushed = new Map<string, number>();
  readonly #skipped = new Map<string, number>();

  /** Retention: forgets all but the newest messages of the log. */
  trim(keep: number): void {
    for (const gone of this.#log.splice(0, Math.max(0, this.#log.length - keep)))
      this.#trimmed.set(gone.topic, gone.offset);
  }

  renew(): void {
    this.#epoch++;
    this.#head = 0;
    this.#log = [];
    this.#trimmed.clear();
  }

  #handle({ id, kind, body }: Sent): void {
    if (kind !== "connect" && this.mischief.refuse > 0 && kind !== "unsubscribe" && id !== undefined) {
      this.mischief.refuse--;
      return this.#write({ id, error: { code: 2001, reason: "overloaded", message: "later", temporary: true } });
    }
    const after: (() => void)[] = [];
    const reply = this.#answer(kind, body, after);
    if (id !== undefined) this.#write({ id, [kind]: reply });
    for (const task of after) task();
  }

  #answer(kind: string, body: Record<string, unknown>, after: (() => void)[]): object {
    const epoch = `e${this.#epoch}`;
    const topic = body["topic"] as string;
    if (kind === "connect") return { session: "s", ping: 0 };
    if (kind === "subscribe") return this.#subscribe(topic, body["since"] as Position | undefined, after);
    if (kind === "history") return this.#history(topic, body as { after?: Position; before?: number; limit: number });
    if (kind === "unsubscribe") this.#keys.delete(topic);
    if (kind !== "publish") return {};
    const known = this.everything.find((each) => each.topic === topic && each.id === body["messageId"]);
    const entry = known ?? this.publish(topic, body["data"], body["messageId"]);
    return { epoch, offset: entry.offset, duplicate: known !== undefined };
  }

  #subscribe(key: string, since: Position | undefined, after: (() => void)[]): object {
    const epoch = `e${this.#epoch}`;
    this.#keys.add(key);
    const position = { epoch, offset: this.#head };
    this.#skipped.delete(key);
    this.#pushed.set(key, since?.offset ?? this.#head);
    if (!since) return position;
    const lost = [...this.#trimmed].some(([topic, offset]) => fits(key, topic) && offset > since.offset);
    if (since.epoch !== epoch || lost) return { ...position, recovered: false };
    const replay = this.#log.filter((each) => fits(key, each.topic) && each.offset > since.offset);
    after.push(() => replay.forEach((each) => this.#pushMessage(key, each)));
    return { ...position, recovered: true };
  }

  #history(topic: string, { after, before, limit }: { after?: Position; before?: number; limit: number }): object {
    const epoch = `e${this.#epoch}`;
    const all = this.#log.filter((each) => each.topic === topic);
    const base = after?.offset ?? 0;
    const found = before ? all.filter((each) => each.offset < before) : all.filter((each) => each.offset > base);
    // A page of three makes every longer answer take several.
    const size = Math.min(limit, 3);
    const messages = before ? found.slice(-size) : found.slice(0, size);
    const complete =
      after !== undefined && (after.epoch !== epoch || (this.#trimmed.get(topic) ?? 0) > base) ? false : true;
    return { epoch, messages, more: found.length > messages.length, complete };
  }

  #pushMessage(key: string, entry: Entry): void {
    const push = { message: { ...entry, ...(key === entry.topic ? {} : { filter: key }) } };
    if (this.mischief.skip > 0) return this.#skip(key, entry.offset);
    this.#tellSkipped(key);
    this.#pushed.set(key, entry.offset);
    if (this.mischief.lose > 0) return void this.mischief.lose--;
    this.#write(push);
    if (this.mischief.double > 0) this.#write(push);
    this.mischief.double = Math.max(0, this.mischief.double - 1);
  }

  #skip(key: string, to: number): void {
    this.mischief.skip--;
    this.#skipped.set(key, to);
  }

  #tellSkipped(key: string): void {
    const to = this.#skipped.get(key);
    if (to !== undefined) this.#write({ gap: { topic: key, after: this.#pushed.get(key) ?? 0, to } });
    this.#skipped.delete(key);
  }

  #write(value: object): void {
    this.#out.push(JSON.stringify(value));
  }
}

/** Only `x/+`, `#` at the end and plain topics occur here. */
function fits(key: string, topic: string): boolean {
  return key === topic || (key.endsWith("/+") && topic.startsWith(key.slice(0, -1)));
}
