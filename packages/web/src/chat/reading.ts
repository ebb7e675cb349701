import type { Timeline } from "../state/timeline.ts";
import { markOf, readUpTo, unreadCount } from "../state/unread.ts";
import type { ChatStore } from "./chat-store.ts";
import type { Environment } from "./environment.ts";
import type { Saved } from "./saved.ts";
import { meKey } from "./state.ts";

export interface ReadingParts {
  readonly store: ChatStore;
  readonly saved: Saved;
  readonly environment: Environment;
}

/** How far the person has read each room. */
export class Reading {
  readonly #parts: ReadingParts;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  /** What comes while the person looks on is read at once. */
  arrived(room: string): void {
    if (this.#isLooking(room)) this.#markRead(room, this.#parts.store.room(room).timeline);
  }

  /** Who comes to a room for the first time has missed nothing. */
  opened(room: string): void {
    const { timeline, mark } = this.#parts.store.room(room);
    if (mark === undefined) this.#markRead(room, timeline);
    else if (this.#isLooking(room)) this.enter(room);
  }

  /** The person begins to look at the room: the line "new" stands where it was left. */
  enter(room: string): void {
    const { store } = this.#parts;
    const { timeline, mark } = store.room(room);
    if (!timeline.ready) return;
    const unread = unreadCount(timeline, mark, meKey(store.value));
    const newAfter = unread > 0 ? readUpTo(timeline, mark) : undefined;
    store.updateRoom(room, (state) => ({ ...state, newAfter }));
    this.#markRead(room, timeline);
  }

  #isLooking(room: string): boolean {
    const { store, environment } = this.#parts;
    return room === store.value.room && environment.isVisible();
  }

  #markRead(room: string, timeline: Timeline): void {
    const { store, saved } = this.#parts;
    const { epoch } = timeline;
    const mark = markOf(timeline) ?? (epoch === undefined ? undefined : { epoch, offset: 0 });
    saved.saveMark(room, mark);
    store.updateRoom(room, (state) => ({ ...state, mark }));
  }
}
