import { type Client, TidegateError } from "@tidegate/client";
import type { Body } from "../state/content.ts";
import { discarded, failed, retried, sending, sent } from "../state/outgoing.ts";
import { topicOf } from "../state/room.ts";
import type { ChatStore } from "./chat-store.ts";
import type { Environment } from "./environment.ts";

export interface OutboxParts {
  readonly store: ChatStore;
  readonly environment: Environment;
  /** The client of now: another token brings another one. */
  readonly client: () => Client;
}

/** The person's own messages, from the line that shows them at once to the server's word. */
export class Outbox {
  readonly #parts: OutboxParts;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Messages of this page that are not stored yet. */
  get pending(): number {
    return this.#parts.client().pending;
  }

  /** To the room that is shown. */
  send(text: string): void {
    const { store, environment } = this.#parts;
    const { room, me } = store.value;
    const body: Body = { text, name: me.name, sender: me.id };
    const id = environment.newId();
    store.updateTimeline(room, (timeline) => sending(timeline, { id, body, time: environment.now() }));
    store.updateRoom(room, (state) => ({ ...state, newAfter: undefined }));
    void this.#publish(room, id, body);
  }

  retry(room: string, id: string): void {
    const { store, environment } = this.#parts;
    store.updateTimeline(room, (timeline) => retried(timeline, id, environment.now()));
    const message = store.room(room).timeline.outgoing.find((each) => each.id === id);
    if (message !== undefined) void this.#publish(room, id, message.body);
  }

  discard(room: string, id: string): void {
    this.#parts.store.updateTimeline(room, (timeline) => discarded(timeline, id));
  }

  /** By a new client, what the old one did not get stored. */
  sendAgain(): void {
    for (const [room, { timeline }] of this.#parts.store.value.byRoom)
      for (const { id, body, status } of timeline.outgoing)
        if (status === "sending") void this.#publish(room, id, body);
  }

  async #publish(room: string, id: string, body: Body): Promise<void> {
    const { store, client } = this.#parts;
    try {
      await client().publish(topicOf(room), body, { messageId: id });
      store.updateTimeline(room, (timeline) => sent(timeline, id));
    } catch (thrown) {
      // A closed client waits for a token: the next one sends it.
      if (thrown instanceof TidegateError && thrown.reason === "closed") return;
      store.updateTimeline(room, (timeline) => failed(timeline, id, faultText(thrown)));
    }
  }
}

function faultText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
