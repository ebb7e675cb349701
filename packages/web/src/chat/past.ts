import type { Client } from "@tidegate/client";
import { fillFailed, filled, fillingHole } from "../state/holes.ts";
import { topicOf } from "../state/room.ts";
import { type Hole, olderLoading, prepended } from "../state/timeline.ts";
import type { ChatStore } from "./chat-store.ts";

const OLDER_PAGE = 50;
const HOLE_PAGE = 200;

export interface PastParts {
  readonly store: ChatStore;
  /** The client of now: another token brings another one. */
  readonly client: () => Client;
}

/** Fetches what the person asks for: what is older, and what is missing. */
export class Past {
  readonly #parts: PastParts;

  constructor(parts: PastParts) {
    this.#parts = parts;
  }

  async loadOlder(room: string): Promise<void> {
    const { store, client } = this.#parts;
    const { timeline } = store.room(room);
    const first = timeline.lines[0];
    // Below an older era there is nothing to ask for: its log is no more.
    if (timeline.older !== "more" || first === undefined || first.era !== timeline.era) return;
    store.updateTimeline(room, olderLoading);
    try {
      const query = { before: first.message.offset, limit: OLDER_PAGE };
      const { messages, more } = await client().history(topicOf(room), query);
      store.updateTimeline(room, (now) => prepended(now, messages, more));
    } catch {
      store.updateTimeline(room, (now) => ({ ...now, older: "more" }));
    }
  }

  async fill(room: string, hole: Hole): Promise<void> {
    const { store, client } = this.#parts;
    const { timeline } = store.room(room);
    if (timeline.epoch === undefined || hole.era !== timeline.era || hole.state !== "open") return;
    store.updateTimeline(room, (now) => fillingHole(now, hole));
    try {
      const query = { after: { epoch: timeline.epoch, offset: hole.after }, limit: HOLE_PAGE };
      const page = await client().history(topicOf(room), query);
      store.updateTimeline(room, (now) => filled(now, hole, page));
    } catch {
      store.updateTimeline(room, (now) => fillFailed(now, hole));
    }
  }
}
