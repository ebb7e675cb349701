import type { Member } from "@tidegate/protocol";

/**
 * Who is in a topic. A member is a user (or the session of an anonymous client), however many sessions it has there.
 * The port owns the grace time: a member whose last session left is still a member until it is over.
 */
export interface Presence {
  /** A session of the member is in the topic. Entering twice with the same session replaces the info. */
  enter(topic: string, session: string, member: Member, settings: PresenceSettings): void;
  /** The session left the topic. `gone`: on its own wish, so without a grace time. */
  exit(topic: string, session: string, gone: boolean): void;
  /** The members now, at most `limit` of them; `count` is all. Rejects with `PresenceUnavailable`. */
  query(topic: string, limit: number): Promise<PresenceState>;
  /** Calls back with gathered changes. A port has one watcher. */
  watch(watcher: PresenceWatcher): () => void;
  close(): Promise<void>;
}

export interface PresenceSettings {
  /** Milliseconds between a member's last session and its leave. */
  readonly grace: number;
  /** Members named in one change; the count is always whole. */
  readonly maxMembers: number;
}

export interface PresenceState {
  readonly count: number;
  readonly members: readonly Member[];
}

export interface PresenceWatcher {
  /** What changed in a topic since the last call for it; `count` is the number of members after it. */
  changed(topic: string, change: PresenceChange): void;
}

export interface PresenceChange {
  readonly joined: readonly Member[];
  readonly left: readonly Member[];
  readonly count: number;
}

export class PresenceUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PresenceUnavailable";
  }
}
