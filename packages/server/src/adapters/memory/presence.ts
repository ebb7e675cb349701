import type { Member } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { Deadlines } from "../../presence/deadlines.ts";
import { ChangeGatherer } from "../../presence/gatherer.ts";
import { PresenceUnavailable } from "../../presence/presence.ts";
import type {
  Presence,
  PresenceChange,
  PresenceSettings,
  PresenceState,
  PresenceWatcher,
} from "../../presence/presence.ts";
import { Room, type Grace, type Present } from "./room.ts";

/** Presence of one process. Its memory is that of the members who are there now and of what was not told yet. */
export class MemoryPresence implements Presence {
  readonly #rooms = new Map<string, Room>();
  readonly #graces: Deadlines<Grace>;
  readonly #gatherer: ChangeGatherer;
  #watcher: PresenceWatcher | undefined = undefined;
  #closed = false;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#graces = new Deadlines(clock, (grace) => this.#graceOver(grace));
    this.#gatherer = new ChangeGatherer(clock, (topic, change) => this.#tell(topic, change));
  }

  /** Topics with at least one member. */
  get topics(): number {
    return this.#rooms.size;
  }

  /** Topics that gather changes or pause after telling some, changes not yet told, members in their grace time. */
  get waiting(): { readonly topics: number; readonly changes: number; readonly graces: number } {
    return { topics: this.#gatherer.topics, changes: this.#gatherer.changes, graces: this.#graces.size };
  }

  enter(topic: string, session: string, member: Member, settings: PresenceSettings): void {
    if (this.#closed) return;
    const room = this.#room(topic, settings);
    // A session that now speaks for another user is no longer there for the one before.
    const before = room.sessions.get(session);
    if (before !== undefined && before.member.user !== member.user) this.#exit(room, session, true);
    const known = room.members.get(member.user);
    const present = room.enter(session, member);
    this.#endGrace(present);
    if (known === undefined) this.#gatherer.joined(topic, member, room);
    else this.#gatherer.renewed(topic, member);
  }

  exit(topic: string, session: string, gone: boolean): void {
    const room = this.#rooms.get(topic);
    if (room === undefined) return;
    this.#exit(room, session, gone);
    this.#dropIfEmpty(room);
  }

  async query(topic: string, limit: number): Promise<PresenceState> {
    if (this.#closed) throw new PresenceUnavailable("presence is closed");
    const room = this.#rooms.get(topic);
    if (limit > 0) this.#gatherer.seen(topic);
    return { count: room?.count ?? 0, members: room?.list(limit) ?? [] };
  }

  watch(watcher: PresenceWatcher): () => void {
    if (this.#watcher !== undefined) throw new Error("presence has a watcher already");
    this.#watcher = watcher;
    return () => {
      if (this.#watcher === watcher) this.#watcher = undefined;
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watcher = undefined;
    this.#graces.clear();
    this.#gatherer.close();
    this.#rooms.clear();
  }

  #room(topic: string, settings: PresenceSettings): Room {
    let room = this.#rooms.get(topic);
    if (room === undefined) this.#rooms.set(topic, (room = new Room(topic, settings)));
    room.settings = settings;
    return room;
  }

  /** A member with other sessions stays; after the last one its leave waits for the grace time. */
  #exit(room: Room, session: string, gone: boolean): void {
    const present = room.exit(session);
    if (present === undefined || present.sessions > 0) return;
    const { grace } = room.settings;
    if (gone || grace <= 0) this.#leave(room, present);
    else present.grace = this.#graces.add({ room, present }, grace);
  }

  #graceOver({ room, present }: Grace): void {
    present.grace = undefined;
    this.#leave(room, present);
    this.#dropIfEmpty(room);
  }

  #leave(room: Room, present: Present): void {
    room.members.delete(present.member.user);
    this.#gatherer.left(room.topic, present.member, room);
  }

  #dropIfEmpty(room: Room): void {
    if (room.members.size === 0) this.#rooms.delete(room.topic);
  }

  #endGrace(present: Present): void {
    if (present.grace === undefined) return;
    this.#graces.remove(present.grace);
    present.grace = undefined;
  }

  #tell(topic: string, change: PresenceChange): void {
    this.#watcher?.changed(topic, change);
  }
}
