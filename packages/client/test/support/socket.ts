import type { Socket } from "../../src/index.ts";
import { settle } from "./clock.ts";

export interface Sent {
  readonly id?: number;
  readonly kind: string;
  // The test knows what it sent.
  readonly body: Record<string, unknown>;
}

/** A WebSocket whose other side is the test. */
export class FakeSocket implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly url: string;
  readonly protocols: readonly string[];
  /** Text frames as they were sent. */
  readonly frames: string[] = [];
  closedWith: number | undefined;
  readonly #answered = new Set<number>();
  /** Called with each frame; for a server that is a program. */
  onframe: ((frame: string) => void) | undefined;

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(text: string): void {
    this.frames.push(text);
    this.onframe?.(text);
  }

  close(code?: number): void {
    this.closedWith = code ?? 1005;
    this.#fire(this.onclose, { code: this.closedWith, reason: "" });
  }

  get sent(): readonly Sent[] {
    return this.frames.flatMap((frame) => frame.split("\n").map(parse));
  }

  all(kind: string): readonly Sent[] {
    return this.sent.filter((each) => each.kind === kind);
  }

  /** The newest command of a kind that has no reply yet. */
  open(kind: string): Sent {
    const found = this.all(kind).findLast((each) => each.id === undefined || !this.#answered.has(each.id));
    if (!found) throw new Error(`no unanswered ${kind} in ${JSON.stringify(this.sent)}`);
    return found;
  }

  accept(): Promise<void> {
    this.#fire(this.onopen, {});
    return settle();
  }

  /** Answers the newest command of that kind. */
  reply(kind: string, body: object = {}): Promise<void> {
    const id = this.#answer(kind);
    return this.push({ id, [kind]: body });
  }

  refuse(kind: string, code: number, reason: string, temporary = code >= 2000): Promise<void> {
    return this.push({ id: this.#answer(kind), error: { code, reason, message: `because of ${reason}`, temporary } });
  }

  /** One frame of these objects. */
  push(...objects: readonly object[]): Promise<void> {
    return this.frame(objects.map((each) => JSON.stringify(each)).join("\n"));
  }

  frame(data: unknown): Promise<void> {
    this.#fire(this.onmessage, { data });
    return settle();
  }

  drop(code = 1006, reason = ""): Promise<void> {
    this.closedWith = code;
    this.#fire(this.onclose, { code, reason });
    return settle();
  }

  #answer(kind: string): number | undefined {
    const { id } = this.open(kind);
    if (id !== undefined) this.#answered.add(id);
    return id;
  }

  #fire(handler: ((event: never) => void) | null, event: object): void {
    handler?.(event as never);
  }
}

function parse(line: string): Sent {
  const { id, ...rest } = JSON.parse(line) as { id?: number } & Record<string, Record<string, unknown>>;
  const [kind = "", body = {}] = Object.entries(rest)[0] ?? [];
  return id === undefined ? { kind, body } : { id, kind, body };
}
