import { Client, type ClientOptions } from "@tidegate/client";
import { cleanName, type Person } from "../state/person.ts";
import { join, leave } from "../state/room.ts";
import type { Typing } from "../state/typing.ts";
import { ChatStore } from "./chat-store.ts";
import type { Environment } from "./environment.ts";
import { Outbox } from "./outbox.ts";
import { Past } from "./past.ts";
import { Reading } from "./reading.ts";
import { RoomFeed } from "./room-feed.ts";
import type { Saved } from "./saved.ts";
import { EMPTY_ROOM } from "./state.ts";
import { TypingLine } from "./typing-line.ts";

export interface ChatSetup {
  readonly environment: Environment;
  readonly saved: Saved;
  readonly me: Person;
  readonly named: boolean;
  readonly room: string;
}

/** The chat behind the page: everything that a person can do is a method, here or of its parts; all to show is in `store`. */
export class Chat {
  readonly store: ChatStore;
  readonly saved: Saved;
  readonly outbox: Outbox;
  readonly past: Past;
  readonly #reading: Reading;
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
    const unconnected = {
      client: this.#client.state,
      lost: false,
      user: undefined,
      hasToken: saved.token !== undefined,
    };
    const store = (this.store = new ChatStore({ ...unconnected, me, named, rooms, room, byRoom }));
    const client = (): Client => this.#client;
    this.outbox = new Outbox({ store, environment, client });
    this.past = new Past({ store, client });
    this.#reading = new Reading({ store, saved, environment });
  }

  start(): void {
    this.#client.connect();
    for (const room of this.store.value.rooms) this.#follow(room);
    this.#followTyping();
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
    this.#reading.enter(room);
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
    this.outbox.send(text);
    this.#typing?.done();
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
    this.close();
    this.#feeds.clear();
    this.#typing = undefined;
    this.#client = this.#newClient();
    this.store.update((state) => ({ ...state, lost: false, user: undefined, hasToken: token !== undefined }));
    this.start();
    this.outbox.sendAgain();
  }

  typed(): void {
    const { me, room } = this.store.value;
    // Nobody else would see it.
    if (this.store.room(room).people.count > 1) this.#typing?.tell(me);
  }

  /** For good. */
  close(): void {
    this.#typing?.end();
    for (const feed of this.#feeds.values()) feed.end();
    void this.#client.close();
  }

  /** The person looks at the page again, or at another room. */
  seen(): void {
    this.#reading.enter(this.store.value.room);
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
    const { store } = this;
    if (!store.value.byRoom.has(room)) store.updateRoom(room, (state) => ({ ...state, mark: this.saved.mark(room) }));
    const feed = new RoomFeed({
      client: this.#client,
      room,
      me: store.value.named ? store.value.me : undefined,
      environment: this.#environment,
      get: () => store.room(room),
      update: (change) => store.updateRoom(room, change),
      arrived: () => this.#reading.arrived(room),
      opened: () => this.#reading.opened(room),
    });
    this.#feeds.set(room, feed);
  }

  #followTyping(): void {
    const { room } = this.store.value;
    this.#typing?.end();
    this.#typing = undefined;
    if (this.#client.state.kind === "closed") return;
    const update = (change: (typing: Typing) => Typing): void =>
      this.store.updateRoom(room, (state) => ({ ...state, typing: change(state.typing) }));
    this.#typing = new TypingLine({ client: this.#client, room, environment: this.#environment, update });
  }
}
