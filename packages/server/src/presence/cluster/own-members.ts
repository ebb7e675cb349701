import type { Member } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { LocalMembers } from "../local-members.ts";
import type { PresenceSettings } from "../presence.ts";
import type { Room } from "../room.ts";
import type { Directory } from "./directory.ts";
import { Edition, type Owner } from "./topic.ts";
import type { PresentMember } from "./writer.ts";

export interface OwnMembersParts {
  readonly clock: Clock;
  /** This gateway. */
  readonly owner: Owner;
  readonly directory: Directory;
  /** The others are to be told of the user. */
  readonly changed: (topic: string, user: string) => void;
}

/** A member as the others are told of it. */
export interface OwnMember {
  readonly topic: string;
  /** Milliseconds. */
  readonly grace: number;
  readonly present: PresentMember;
}

/**
 * Milliseconds that a grace time still runs when the user was seen on another gateway: the word of that one has by then come
 * to everybody, so that nobody sees the user go in between.
 */
const HANDOVER = 1000;

/** The members whom this gateway answers for, since it has their sessions: it claims them in the directory, as the others do theirs. */
export class OwnMembers {
  readonly #clock: Clock;
  readonly #directory: Directory;
  readonly #changed: (topic: string, user: string) => void;
  readonly #edition: Edition;
  readonly #local: LocalMembers;

  constructor({ clock, owner, directory, changed }: OwnMembersParts) {
    this.#clock = clock;
    this.#directory = directory;
    this.#changed = changed;
    this.#edition = new Edition(owner);
    const entered = (room: Room, member: Member): void => this.#entered(room, member);
    const left = (room: Room, member: Member): void => this.#left(room, member);
    this.#local = new LocalMembers(clock, { joined: entered, renewed: entered, left });
  }

  get count(): number {
    return this.#edition.size;
  }

  enter(topic: string, session: string, member: Member, settings: PresenceSettings): void {
    this.#local.enter(topic, session, member, settings);
  }

  exit(topic: string, session: string, gone: boolean): void {
    this.#local.exit(topic, session, gone);
  }

  /** The user was seen on another gateway: who is in a grace time here need not be waited for. */
  hasten(topic: string, user: string): void {
    this.#local.hasten(topic, user, HANDOVER);
  }

  find(name: string, user: string): OwnMember | undefined {
    const topic = this.#directory.topics.get(name);
    const claim = topic?.claimOf(user, this.#edition.owner);
    if (topic === undefined || claim === undefined) return undefined;
    const { info, at } = claim;
    return { topic: name, grace: topic.grace, present: { user, info, age: this.#now() - at } };
  }

  /** All, while they come and go: each that stays all the time is among them. */
  *each(): Generator<OwnMember, undefined> {
    for (const room of this.#local.rooms.values()) {
      for (const user of room.members.keys()) {
        const found = this.find(room.topic, user);
        if (found !== undefined) yield found;
      }
    }
  }

  clear(): void {
    this.#local.clear();
  }

  #entered(room: Room, { user, info }: Member): void {
    const topic = this.#directory.topic(room.topic);
    topic.local = room;
    topic.grace = room.settings.grace;
    topic.maxMembers = room.settings.maxMembers;
    this.#directory.claim(topic, this.#edition, { user, info, at: this.#now() });
    this.#changed(room.topic, user);
  }

  #left(room: Room, { user }: Member): void {
    const topic = this.#directory.topics.get(room.topic);
    if (topic === undefined) return;
    this.#directory.release(topic, this.#edition.owner, user);
    if (room.members.size === 0) topic.local = undefined;
    this.#changed(room.topic, user);
  }

  /** Whole milliseconds, as the others are told. */
  #now(): number {
    return Math.round(this.#clock.now());
  }
}
