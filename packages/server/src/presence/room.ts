import type { Member } from "@tidegate/protocol";
import type { Deadline } from "./deadlines.ts";
import type { Gauge } from "./gatherer.ts";
import type { PresenceSettings } from "./presence.ts";

/** A member, and how many sessions it has in the room. */
export interface Present {
  member: Member;
  sessions: number;
  /** Runs while it has no session and may yet come back. */
  grace: Deadline<Grace> | undefined;
}

export interface Grace {
  readonly room: Room;
  readonly present: Present;
}

/** The members of one topic on this node, by user and by session. */
export class Room implements Gauge {
  readonly topic: string;
  readonly members = new Map<string, Present>();
  readonly sessions = new Map<string, Present>();
  settings: PresenceSettings;

  constructor(topic: string, settings: PresenceSettings) {
    this.topic = topic;
    this.settings = settings;
  }

  get count(): number {
    return this.members.size;
  }

  get receivers(): number {
    return this.sessions.size;
  }

  get maxMembers(): number {
    return this.settings.maxMembers;
  }

  /** A session enters as a member; one that was here is counted once, and what it says of itself is the newest. */
  enter(session: string, member: Member): Present {
    let present = this.members.get(member.user);
    if (present === undefined) this.members.set(member.user, (present = { member, sessions: 0, grace: undefined }));
    present.member = member;
    if (this.sessions.has(session)) return present;
    this.sessions.set(session, present);
    present.sessions++;
    return present;
  }

  /** Returns whose session it was; undefined if it was not here. */
  exit(session: string): Present | undefined {
    const present = this.sessions.get(session);
    if (present === undefined) return undefined;
    this.sessions.delete(session);
    present.sessions--;
    return present;
  }

  list(limit: number): readonly Member[] {
    return this.members
      .values()
      .take(Math.max(0, limit))
      .map(({ member }) => member)
      .toArray();
  }
}
