import type { Client, Message, Position, SubscribeOptions, Subscription, SubscriptionState } from "@tidegate/client";
import { gapped } from "../state/holes.ts";
import { heard } from "../state/people.ts";
import { senderOf } from "../state/content.ts";
import type { Person } from "../state/person.ts";
import { topicOf } from "../state/room.ts";
import { lastOffset, noticed, opened, received, refused, type Timeline } from "../state/timeline.ts";
import { stopped } from "../state/typing.ts";
import { type Environment, presenceInfo } from "./environment.ts";
import { type PresenceEvents, PresenceLine } from "./presence-line.ts";
import type { RoomState } from "./state.ts";

/** Messages that a room begins with. */
const FIRST_PAGE = 50;

export interface RoomFeedParts {
  readonly client: Client;
  readonly room: string;
  /** Undefined as long as the person has no name: who only looks on is not there for others. */
  readonly me: Person | undefined;
  readonly environment: Environment;
  readonly get: () => RoomState;
  readonly update: (change: (room: RoomState) => RoomState) => void;
  /** Something new may have to be marked as read. */
  readonly arrived: () => void;
  /** The first messages of the room are there. */
  readonly opened: () => void;
}

/** Keeps one room's state in step with the server. */
export class RoomFeed {
  readonly #parts: RoomFeedParts;
  #subscription: Subscription;
  #presence: PresenceLine | undefined;

  constructor(parts: RoomFeedParts) {
    this.#parts = parts;
    this.#subscription = this.#subscribe(parts.me);
  }

  end(): void {
    this.#presence?.end();
    this.#subscription.unsubscribe();
  }

  #subscribe(me: Person | undefined): Subscription {
    const { client, room, get } = this.#parts;
    const presence = me === undefined ? {} : { presence: presenceInfo(me) };
    const subscription = client.subscribe(topicOf(room), { ...begin(get().timeline), ...presence });
    subscription.on("message", (message) => this.#message(subscription, message));
    subscription.on("gap", (gap) => this.#timeline((timeline) => gapped(timeline, gap)));
    subscription.on("state", (state) => this.#state(subscription, state, me !== undefined));
    this.#presence = this.#present(subscription);
    return subscription;
  }

  #present(subscription: Subscription): PresenceLine {
    const { client, environment, me, get, update } = this.#parts;
    const events: PresenceEvents = {
      people: () => get().people,
      set: (people) => update((room) => ({ ...room, people })),
      news: (kind, names) => this.#timeline((timeline) => noticed(timeline, kind, names)),
    };
    return new PresenceLine({ client, subscription, environment, me: me?.id, events });
  }

  #message(subscription: Subscription, message: Message): void {
    const epoch = subscription.position?.epoch;
    this.#parts.update((room) => ({
      ...room,
      timeline: received(room.timeline, message, epoch),
      people: heard(room.people, message),
      typing: stopped(room.typing, senderOf(message).key),
    }));
    if (this.#parts.get().timeline.ready) this.#parts.arrived();
  }

  #state(subscription: Subscription, state: SubscriptionState, present: boolean): void {
    if (state.kind === "live") this.#live(subscription);
    if (state.kind !== "ended" || state.error === undefined || state.error.reason === "closed") return;
    const { error } = state;
    // The namespace may have presence switched off: the room is to be read all the same.
    if (present && error.reason === "not_enabled") this.#subscription = this.#subscribe(undefined);
    else this.#timeline((timeline) => refused(timeline, error));
  }

  #live(subscription: Subscription): void {
    const epoch = subscription.position?.epoch;
    const isFirst = !this.#parts.get().timeline.ready;
    this.#timeline((timeline) => opened(timeline.epoch === undefined ? { ...timeline, epoch } : timeline));
    if (isFirst) this.#parts.opened();
    void this.#presence?.ask();
  }

  #timeline(change: (timeline: Timeline) => Timeline): void {
    this.#parts.update((room) => ({ ...room, timeline: change(room.timeline) }));
  }
}

/** Where the room's timeline goes on, or the newest messages for one that is empty. */
function begin(timeline: Timeline): SubscribeOptions {
  const offset = lastOffset(timeline);
  if (timeline.epoch === undefined || offset === 0) return { history: FIRST_PAGE };
  const since: Position = { epoch: timeline.epoch, offset };
  return { since };
}
