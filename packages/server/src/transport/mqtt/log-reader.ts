import type { Stored } from "@tidegate/protocol";
import type { Batch } from "../../delivery/batch.ts";
import type { DirectReceiver, Group } from "../../delivery/group.ts";
import { PAGE_BYTES, PAGE_MESSAGES } from "../../delivery/catch-up.ts";
import { LogUnavailable } from "../../log/log.ts";
import type { MqttContext } from "./context.ts";
import { cursorsOf, type Cursor } from "./cursor.ts";
import type { StartAt } from "./subscription.ts";

export interface ReaderParts {
  /** How many messages may be taken now, or looked at where `next`, the first of them, is not known. */
  readonly room: (cursor: Cursor, next?: Stored) => number;
  readonly take: (stored: Stored, cursor: Cursor) => void;
  /** Takes several at once, for which there is room; false if they must be taken one by one. */
  readonly takeAll?: (messages: readonly Stored[], cursor: Cursor) => boolean;
  /** Resolves when it is well to read the next page. */
  readonly pause: () => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** There is more to read than there is room for: `pump` is to be called when there is some. */
  readonly hungry: () => void;
  /** There was no room for the first of these, which follow one another; they are read again. */
  readonly stopped?: (cursor: Cursor, messages: readonly Stored[]) => void;
  /** A cursor has come further without a message, be it to the end of its log. */
  readonly caughtUp?: () => void;
}

/**
 * The messages of a filter, in the order of the log, as fast as there is room for them: live ones as they come while it
 * keeps up, from the log where it does not. None is missing, none comes twice.
 */
export class LogReader implements DirectReceiver {
  readonly group: Group;
  readonly cursors: readonly Cursor[];
  readonly #context: MqttContext;
  readonly #parts: ReaderParts;
  #stopped = false;
  /** Until the log is there again. */
  #waits = false;
  /** Messages that came late. */
  #behind: Stored[] | undefined = undefined;

  /** `startAt`: a log that it does not name begins now. */
  constructor(context: MqttContext, filter: string, startAt: StartAt, parts: ReaderParts) {
    const { hub } = context.services;
    this.#context = context;
    this.#parts = parts;
    this.group = hub.group(filter);
    // What was dispatched before belongs to those who were there before.
    hub.flusher.flushGroup(this.group);
    this.cursors = cursorsOf(context, filter, startAt);
    this.group.addDirect(this);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.group.removeDirect(this);
    this.#context.services.hub.release(this.group);
  }

  /** Takes what was dispatched and waits for others to go with it. */
  flush(): void {
    if (!this.#stopped) this.#context.services.hub.flusher.flushGroup(this.group);
  }

  deliver(batch: Batch): void {
    if (!this.#allLive(batch.messages)) for (const stored of batch.messages) this.#live(stored);
    this.pump();
  }

  /**
   * A message came behind newer ones of other topics, which were taken: whether it was as well nobody knows. It is taken as soon as there
   * is room, before what follows it.
   */
  late(stored: Stored): void {
    const cursor = this.#cursorOf(stored);
    if (cursor === undefined || this.#stopped) return;
    if (stored.offset > cursor.taken) return this.#live(stored);
    (this.#behind ??= []).push(stored);
    cursor.current = false;
    cursor.stale = true;
    this.pump();
  }

  /** Reads on where there is something to read and room for it. */
  pump(): void {
    if (!this.#takeBehind()) return this.#parts.hungry();
    for (const cursor of this.cursors) {
      if (cursor.reading) cursor.asked = true;
      if (cursor.current || cursor.reading || this.#stopped) continue;
      if (this.#parts.room(cursor) > 0) this.#readOn(cursor).catch(this.#parts.failed);
      else this.#parts.hungry();
    }
  }

  /** False if there is no room for all. */
  #takeBehind(): boolean {
    for (let next = this.#behind?.[0]; next !== undefined; next = this.#behind?.[0]) {
      const cursor = this.#cursorOf(next);
      if (cursor === undefined || this.#parts.room(cursor, next) <= 0) return false;
      this.#behind?.shift();
      this.#parts.take(next, cursor);
    }
    this.#behind = undefined;
    return true;
  }

  /** The usual case: one log, everything before was taken, and there is room for all. False if it is not so. */
  #allLive(messages: readonly Stored[]): boolean {
    const [cursor] = this.cursors;
    const [first] = messages;
    if (this.cursors.length !== 1 || cursor === undefined || first === undefined) return false;
    if (!cursor.current || cursor.reading || first.offset <= cursor.taken) return false;
    return this.#takeAll(cursor, messages);
  }

  #takeAll(cursor: Cursor, messages: readonly Stored[]): boolean {
    const { room, takeAll } = this.#parts;
    const last = messages.at(-1);
    if (last === undefined || takeAll === undefined || room(cursor) < messages.length) return false;
    if (!takeAll(messages, cursor)) return false;
    cursor.taken = last.offset;
    return true;
  }

  #live(stored: Stored): void {
    const cursor = this.#cursorOf(stored);
    if (cursor === undefined || stored.offset <= cursor.taken) return;
    if (cursor.current && !cursor.reading && this.#parts.room(cursor, stored) > 0) this.#take(cursor, stored);
    else {
      cursor.current = false;
      cursor.stale = true;
    }
  }

  #cursorOf(stored: Stored): Cursor | undefined {
    if (this.cursors.length === 1) return this.cursors[0];
    const stream = this.#context.services.streamOf(stored.message.topic);
    return this.cursors.find((cursor) => cursor.stream === stream);
  }

  async #readOn(cursor: Cursor): Promise<void> {
    cursor.reading = true;
    cursor.asked = false;
    try {
      while (!this.#stopped && !cursor.current && (await this.#page(cursor)));
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      this.#readLater();
    } finally {
      cursor.reading = false;
    }
    if (this.#stopped) return;
    if (cursor.current) this.#parts.caughtUp?.();
    // Room that came in the meantime was not seen.
    else if (cursor.asked) this.pump();
  }

  /** A log that is away comes back: nothing is lost by waiting for it. */
  #readLater(): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#context.services.clock.after(RETRY, () => {
      this.#waits = false;
      this.pump();
    });
  }

  /** False if there is no more room. */
  async #page(cursor: Cursor): Promise<boolean> {
    const limit = Math.min(this.#parts.room(cursor), PAGE_MESSAGES);
    if (limit <= 0) return this.#starve();
    cursor.stale = false;
    const query = { filter: this.group.filter, after: cursor.taken, limit, maxBytes: PAGE_BYTES };
    const page = await cursor.stream.log.read(query);
    if (this.#stopped) return false;
    const messages = this.#takeAll(cursor, page.messages) ? [] : page.messages;
    for (const [at, stored] of messages.entries()) {
      if (this.#stopped) return false;
      // Another subscription may have taken the room meanwhile.
      if (this.#parts.room(cursor, stored) <= 0) return this.#stopBefore(cursor, stored, messages.slice(at));
      this.#take(cursor, stored);
    }
    cursor.taken = Math.max(cursor.taken, page.next);
    if (!page.more && !cursor.stale) cursor.current = true;
    else await this.#parts.pause();
    return true;
  }

  /** There is nothing before this message: others may wait to hear that. */
  #stopBefore(cursor: Cursor, { offset }: Stored, rest: readonly Stored[]): false {
    this.#parts.stopped?.(cursor, rest);
    if (offset - 1 > cursor.taken) {
      cursor.taken = offset - 1;
      this.#parts.caughtUp?.();
    }
    return this.#starve();
  }

  #starve(): false {
    this.#parts.hungry();
    return false;
  }

  #take(cursor: Cursor, stored: Stored): void {
    cursor.taken = stored.offset;
    this.#parts.take(stored, cursor);
  }
}

/** Milliseconds. */
const RETRY = 1000;
