import { Client, type ClientOptions, TidegateError } from "@tidegate/client";
import { fillFailed, filled, fillingHole } from "../state/holes.ts";
import { discarded, failed, retried, sending, sent } from "../state/outgoing.ts";
import { cleanName, type Person } from "../state/person.ts";
import { join, leave, topicOf } from "../state/room.ts";
import { type Hole, olderLoading, prepended, type Timeline } from "../state/timeline.ts";
import type { Typing } from "../state/typing.ts";
import { markOf, readUpTo, unreadCount } from "../state/unread.ts";
import type { Body } from "../state/content.ts";
import type { Environment } from "./environment.ts";
import { RoomFeed } from "./room-feed.ts";
import type { Saved } from "./saved.ts";
import { EMPTY_ROOM, type ChatState, meKey, roomOf, type RoomState } from "./state.ts";
import { Store } from "./store.ts";
import { TypingLine } from "./typing-line.ts";

const OLDER_PAGE = 50;
const HOLE_PAGE = 200;

export interface ChatSetup {
  readonly environment: Environment;
  readonly saved: Saved;
  readonly me: Person;
  readonly named: boolean;
  readonly room: string;
}

/** The chat behind the page: everything that a person can do is a method, everything to show is in `store`. */
export class Chat {
  readonly store: Store<ChatState>;
  readonly saved: Saved;
  readonly #environment: Environment;
  readonly #feeds = new Map<string, RoomFeed>();
  #client: Client;
  #typing: TypingLine | undefined;

  constructor({ environment, saved, me, named, room }: ChatSetup) {
    this.#environment = environment;
    this.saved = saved;
    this.#client = this.#newClient();
    const rooms = saved.rooms.includes(room) ? saved.rooms : [...saved.rooms, room];
    const byRoom = new Map(rooms.map((each) => [each, { ...EMPTY_ROOM, mark: saved.mark(each) }]));
    const client = this.#client.state;
    const hasToken = saved.token !== undefined;
    this.store = new Store<ChatState>({
      client,
      lost: false,
      user: undefined,
      hasToken,
      me,
      named,
      rooms,
      room,
      byRoom,
    });
  }

  start(): void {
    this.#client.connect();
    for (const room of this.store.value.rooms) this.#follow(room);
    this.#followTyping();
  }

  /** Messages of this page that are not stored yet. */
  get pending(): number {
    return this.#client.pending;
  }

  /** Joins a room if need be, and shows it. Returns what is wrong. */
  open(room: string): string | undefined {
    const { rooms } = this.store.value;
    const joined = join(rooms, room);
    if ("fault" in joined) return joined.fault;
    const isNew = joined.rooms !== rooms;
    if (isNew) this.saved.rooms = joined.rooms;
    this.store.update((state) => ({ ...state, rooms: joined.rooms, room }));
    if (isNew) this.#follow(room);
    this.#followTyping();
    this.#enter(room);
    return undefined;
  }

  leave(room: string): void {
    const { rooms, next } = leave(this.store.value.rooms, room);
    if (rooms.includes(room)) return;
    this.#feeds.get(room)?.end();
    this.#feeds.delete(room);
    this.saved.rooms = rooms;
    this.saved.saveMark(room, undefined);
    this.store.update((state) => {
      const byRoom = new Map([...state.byRoom].filter(([each]) => each !== room));
      return { ...state, rooms, byRoom };
    });
    if (this.store.value.room === room) this.open(next);
  }

  send(text: string): void {
    const { room, me } = this.store.value;
    const body: Body = { text, name: me.name, sender: me.id };
    const id = this.#environment.newId();
    this.#timeline(room, (timeline) => sending(timeline, { id, body, time: this.#environment.now() }));
    this.#typing?.done();
    this.#updateRoom(room, (state) => ({ ...state, newAfter: undefined }));
    void this.#publish(room, id, body);
  }

  retry(room: string, id: string): void {
    this.#timeline(room, (timeline) => retried(timeline, id, this.#environment.now()));
    const message = roomOf(this.store.value, room).timeline.outgoing.find((each) => each.id === id);
    if (message !== undefined) void this.#publish(room, id, message.body);
  }

  discard(room: string, id: string): void {
    this.#timeline(room, (timeline) => discarded(timeline, id));
  }

  async loadOlder(room: string): Promise<void> {
    const { timeline } = roomOf(this.store.value, room);
    const first = timeline.lines[0];
    // Below an older era there is nothing to ask for: its log is no more.
    if (timeline.older !== "more" || first === undefined || first.era !== timeline.era) return;
    this.#timeline(room, olderLoading);
    try {
      const query = { before: first.message.offset, limit: OLDER_PAGE };
      const { messages, more } = await this.#client.history(topicOf(room), query);
      this.#timeline(room, (now) => prepended(now, messages, more));
    } catch {
      this.#timeline(room, (now) => ({ ...now, older: "more" }));
    }
  }

  async fill(room: string, hole: Hole): Promise<void> {
    const { timeline } = roomOf(this.store.value, room);
    if (timeline.epoch === undefined || hole.era !== timeline.era || hole.state !== "open") return;
    this.#timeline(room, (now) => fillingHole(now, hole));
    try {
      const query = { after: { epoch: timeline.epoch, offset: hole.after }, limit: HOLE_PAGE };
      const page = await this.#client.history(topicOf(room), query);
      this.#timeline(room, (now) => filled(now, hole, page));
    } catch {
      this.#timeline(room, (now) => fillFailed(now, hole));
    }
  }

  rename(input: string): void {
    const name = cleanName(input);
    if (name === undefined) return;
    const me = { ...this.store.value.me, name };
    const isNew = name !== this.store.value.me.name || !this.store.value.named;
    this.saved.person = me;
    this.store.update((state) => ({ ...state, me, named: true }));
    // Presence tells a name when it enters: so each room is entered again, from where it stands.
    if (isNew) for (const room of this.store.value.rooms) this.#follow(room);
  }

  /** A new connection with another token, or with none. What waits is sent by it. */
  useToken(token: string | undefined): void {
    this.saved.token = token;
    for (const feed of this.#feeds.values()) feed.end();
    this.#feeds.clear();
    this.#typing?.end();
    this.#typing = undefined;
    void this.#client.close();
    this.#client = this.#newClient();
    this.store.update((state) => ({ ...state, lost: false, user: undefined, hasToken: token !== undefined }));
    this.start();
    for (const [room, { timeline }] of this.store.value.byRoom)
      for (const { id, body, status } of timeline.outgoing)
        if (status === "sending") void this.#publish(room, id, body);
  }

  typed(): void {
    const { me, room } = this.store.value;
    // Nobody else would see it.
    if (roomOf(this.store.value, room).people.count > 1) this.#typing?.tell(me);
  }

  /** For good. */
  close(): void {
    this.#typing?.end();
    for (const feed of this.#feeds.values()) feed.end();
    void this.#client.close();
  }

  /** The person looks at the page again, or at another room. */
  seen(): void {
    this.#enter(this.store.value.room);
  }

  #newClient(): Client {
    const { url, onWake, newId } = this.#environment;
    const { token } = this.saved;
    const options: ClientOptions = {
      clientName: "tidegate-web",
      onWake,
      newId,
      ...(token === undefined ? {} : { token }),
    };
    const client = new Client(url, options);
    client.on("state", (now) => {
      if (this.#client !== client) return;
      const user = now.kind === "connected" ? now.user : this.store.value.user;
      const lost = this.store.value.lost || (now.kind !== "connecting" && now.kind !== "idle");
      this.store.update((state) => ({ ...state, client: now, user, lost }));
    });
    // Each has its place on the page already: the state, the message, or the room.
    client.on("error", () => {});
    return client;
  }

  #follow(room: string): void {
    this.#feeds.get(room)?.end();
    // The next client follows all rooms anew.
    if (this.#client.state.kind === "closed") return;
    if (!this.store.value.byRoom.has(room))
      this.#updateRoom(room, (state) => ({ ...state, mark: this.saved.mark(room) }));
    const feed = new RoomFeed({
      client: this.#client,
      room,
      me: this.store.value.named ? this.store.value.me : undefined,
      environment: this.#environment,
      get: () => roomOf(this.store.value, room),
      update: (change) => this.#updateRoom(room, change),
      arrived: () => this.#arrived(room),
      opened: () => this.#opened(room),
    });
    this.#feeds.set(room, feed);
  }

  #followTyping(): void {
    const { room } = this.store.value;
    this.#typing?.end();
    this.#typing = undefined;
    if (this.#client.state.kind === "closed") return;
    const update = (change: (typing: Typing) => Typing): void =>
      this.#updateRoom(room, (state) => ({ ...state, typing: change(state.typing) }));
    this.#typing = new TypingLine({ client: this.#client, room, environment: this.#environment, update });
  }

  async #publish(room: string, id: string, body: Body): Promise<void> {
    try {
      await this.#client.publish(topicOf(room), body, { messageId: id });
      this.#timeline(room, (timeline) => sent(timeline, id));
    } catch (thrown) {
      // A closed client waits for a token: the next one sends it.
      if (thrown instanceof TidegateError && thrown.reason === "closed") return;
      this.#timeline(room, (timeline) => failed(timeline, id, faultText(thrown)));
    }
  }

  /** What comes while the person looks on is read at once. */
  #arrived(room: string): void {
    if (this.#isLooking(room)) this.#markRead(room, roomOf(this.store.value, room).timeline);
  }

  /** Who comes to a room for the first time has missed nothing. */
  #opened(room: string): void {
    const { timeline, mark } = roomOf(this.store.value, room);
    if (mark === undefined) this.#markRead(room, timeline);
    else if (this.#isLooking(room)) this.#enter(room);
  }

  #isLooking(room: string): boolean {
    return room === this.store.value.room && this.#environment.isVisible();
  }

  #enter(room: string): void {
    const { timeline, mark } = roomOf(this.store.value, room);
    if (!timeline.ready) return;
    const unread = unreadCount(timeline, mark, meKey(this.store.value));
    const newAfter = unread > 0 ? readUpTo(timeline, mark) : undefined;
    this.#updateRoom(room, (state) => ({ ...state, newAfter }));
    this.#markRead(room, timeline);
  }

  #markRead(room: string, timeline: Timeline): void {
    const { epoch } = timeline;
    const mark = markOf(timeline) ?? (epoch === undefined ? undefined : { epoch, offset: 0 });
    this.saved.saveMark(room, mark);
    this.#updateRoom(room, (state) => ({ ...state, mark }));
  }

  #timeline(room: string, change: (timeline: Timeline) => Timeline): void {
    this.#updateRoom(room, (state) => ({ ...state, timeline: change(state.timeline) }));
  }

  /** A room that was left stays away, whatever still comes for it. */
  #updateRoom(room: string, change: (state: RoomState) => RoomState): void {
    this.store.update((state) => {
      if (!state.rooms.includes(room)) return state;
      const before = roomOf(state, room);
      const after = change(before);
      if (after === before) return state;
      return { ...state, byRoom: new Map([...state.byRoom, [room, after]]) };
    });
  }
}

function faultText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
