import type { Member } from "@tidegate/protocol";
import type { Clock } from "../clock.ts";
import { Deadlines } from "./deadlines.ts";
import type { PresenceSettings } from "./presence.ts";
import { Room, type Grace, type Present } from "./room.ts";

/** What becomes of members; called when the room is already as it says. */
export interface LocalEvents {
  joined(room: Room, member: Member): void;
  /** A session entered for somebody who is a member. */
  renewed(room: Room, member: Member): void;
  left(room: Room, member: Member): void;
}

/** The members who have, or just had, their sessions on this node: it keeps their grace times. */
export class LocalMembers {
  readonly #events: LocalEvents;
  readonly #rooms = new Map<string, Room>();
  readonly #graces: Deadlines<Grace>;

  constructor(clock: Clock, events: LocalEvents) {
    this.#events = events;
    this.#graces = new Deadlines(clock, (grace) => this.#graceOver(grace));
  }

  /** Those with at least one member. */
  get rooms(): ReadonlyMap<string, Room> {
    return this.#rooms;
  }

  /** Members in their grace time. */
  get graces(): number {
    return this.#graces.size;
  }

  enter(topic: string, session: string, member: Member, settings: PresenceSettings): void {
    const room = this.#room(topic, settings);
    // A session that now speaks for another user is no longer there for the one before.
    const before = room.sessions.get(session);
    if (before !== undefined && before.member.user !== member.user) this.#exit(room, session, true);
    const known = room.members.get(member.user);
    const present = room.enter(session, member);
    this.#endGrace(present);
    if (known === undefined) this.#events.joined(room, member);
    else this.#events.renewed(room, member);
  }

  exit(topic: string, session: string, gone: boolean): void {
    const room = this.#rooms.get(topic);
    if (room === undefined) return;
    this.#exit(room, session, gone);
    this.#dropIfEmpty(room);
  }

  /** A grace time that runs is over in `ms` milliseconds at the latest. */
  hasten(topic: string, user: string, ms: number): void {
    const room = this.#rooms.get(topic);
    const present = room?.members.get(user);
    if (room === undefined || present?.grace === undefined) return;
    const sooner = this.#graces.add({ room, present }, ms);
    const [kept, other] = sooner.due < present.grace.due ? [sooner, present.grace] : [present.grace, sooner];
    this.#graces.remove(other);
    present.grace = kept;
  }

  clear(): void {
    this.#graces.clear();
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
    this.#events.left(room, present.member);
  }

  #dropIfEmpty(room: Room): void {
    if (room.members.size === 0) this.#rooms.delete(room.topic);
  }

  #endGrace(present: Present): void {
    if (present.grace === undefined) return;
    this.#graces.remove(present.grace);
    present.grace = undefined;
  }
}
