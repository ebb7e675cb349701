import type { Member } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { ChangeGatherer } from "../../presence/gatherer.ts";
import { LocalMembers } from "../../presence/local-members.ts";
import { PresenceUnavailable } from "../../presence/presence.ts";
import type { Presence, PresenceSettings, PresenceState, PresenceWatcher } from "../../presence/presence.ts";

/** Presence of one process. Its memory is that of the members who are there now and of what was not told yet. */
export class MemoryPresence implements Presence {
  readonly #local: LocalMembers;
  readonly #gatherer: ChangeGatherer;
  #closed = false;

  constructor({ clock }: { readonly clock: Clock }) {
    const gatherer = new ChangeGatherer(clock);
    this.#gatherer = gatherer;
    this.#local = new LocalMembers(clock, {
      joined: (room, member) => gatherer.joined(room.topic, member, room),
      renewed: (room, member) => gatherer.renewed(room.topic, member),
      left: (room, member) => gatherer.left(room.topic, member, room),
    });
  }

  /** Topics with at least one member. */
  get topics(): number {
    return this.#local.rooms.size;
  }

  /** Topics that gather changes or pause after telling some, changes not yet told, members in their grace time. */
  get waiting(): { readonly topics: number; readonly changes: number; readonly graces: number } {
    return { topics: this.#gatherer.topics, changes: this.#gatherer.changes, graces: this.#local.graces };
  }

  enter(topic: string, session: string, member: Member, settings: PresenceSettings): void {
    if (!this.#closed) this.#local.enter(topic, session, member, settings);
  }

  exit(topic: string, session: string, gone: boolean): void {
    this.#local.exit(topic, session, gone);
  }

  async query(topic: string, limit: number): Promise<PresenceState> {
    if (this.#closed) throw new PresenceUnavailable("presence is closed");
    const room = this.#local.rooms.get(topic);
    if (limit > 0) this.#gatherer.seen(topic);
    return { count: room?.count ?? 0, members: room?.list(limit) ?? [] };
  }

  watch(watcher: PresenceWatcher): () => void {
    return this.#gatherer.watch(watcher);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#gatherer.close();
    this.#local.clear();
  }
}
