import type { LocalMembers } from "../local-members.ts";
import type { Directory, Said } from "./directory.ts";
import type { Edition } from "./topic.ts";

export interface OwnMember {
  readonly topic: string;
  readonly grace: number;
  readonly said: Said;
}

/** The members whom this gateway answers for, as the others are told of them. */
export class OwnMembers {
  readonly #local: LocalMembers;
  readonly #directory: Directory;
  readonly #edition: Edition;

  constructor(local: LocalMembers, directory: Directory, edition: Edition) {
    this.#local = local;
    this.#directory = directory;
    this.#edition = edition;
  }

  get count(): number {
    return this.#edition.size;
  }

  find(name: string, user: string): OwnMember | undefined {
    const topic = this.#directory.topics.get(name);
    const said = topic?.claimOf(user, this.#edition.owner);
    return topic === undefined || said === undefined ? undefined : { topic: name, grace: topic.grace, said };
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
}
