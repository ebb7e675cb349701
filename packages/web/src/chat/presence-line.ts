import type { Client, Membership, Subscription } from "@tidegate/client";
import { answered, isStale, joined, left, type Change, type People } from "../state/people.ts";
import type { Environment } from "./environment.ts";

/** Members that the server lists in one answer, by default; a longer list is known to be cut. */
const LIST_LIMIT = 100;

export interface PresenceEvents {
  readonly people: () => People;
  readonly set: (people: People) => void;
  readonly news: (kind: "join" | "leave", names: readonly string[]) => void;
}

export interface PresenceParts {
  readonly client: Pick<Client, "presence">;
  readonly subscription: Pick<Subscription, "topic" | "on">;
  readonly environment: Environment;
  readonly me: string | undefined;
  readonly events: PresenceEvents;
}

/**
 * Who is in a room: asks on every new connection, follows the changes, and asks again when the list cannot be whole (see
 * docs/spec/presence.md, "What a client does").
 */
export class PresenceLine {
  readonly #client: Pick<Client, "presence">;
  readonly #topic: string;
  readonly #environment: Environment;
  /** Id of the own person, whose coming and going is no news. */
  readonly #me: string | undefined;
  readonly #events: PresenceEvents;
  /** Changes that came between a question and its answer. */
  #since: (readonly ["join" | "leave", Membership])[] | undefined;
  #cancel = (): void => {};
  #over = false;

  constructor({ client, subscription, environment, me, events }: PresenceParts) {
    this.#client = client;
    this.#me = me;
    this.#topic = subscription.topic;
    this.#environment = environment;
    this.#events = events;
    subscription.on("join", (change) => this.#changed("join", change));
    subscription.on("leave", (change) => this.#changed("leave", change));
  }

  /** Temporary errors are the client's to try again; what is refused leaves the list empty. */
  async ask(): Promise<void> {
    if (this.#since !== undefined || this.#over) return;
    this.#since = [];
    try {
      const answer = await this.#client.presence(this.#topic);
      this.#apply(answered(this.#events.people(), answer));
    } catch {
      // Not allowed, or the client was closed.
    } finally {
      this.#since = undefined;
    }
  }

  end(): void {
    this.#over = true;
    this.#cancel();
  }

  #apply(people: People): void {
    if (this.#over) return;
    const after = (this.#since ?? []).reduce((now, [kind, change]) => step(kind, now, change, this.#me).people, people);
    this.#events.set(after);
    this.#check(after);
  }

  #changed(kind: "join" | "leave", membership: Membership): void {
    if (this.#over) return;
    this.#since?.push([kind, membership]);
    const { people, names } = step(kind, this.#events.people(), membership, this.#me);
    this.#events.set(people);
    if (names.length > 0) this.#events.news(kind, names);
    this.#check(people);
  }

  /** After a random part of some seconds, so that not everybody in the room asks at once. */
  #check(people: People): void {
    this.#cancel();
    if (!isStale(people, LIST_LIMIT)) return;
    const { after, random } = this.#environment;
    this.#cancel = after(1000 + random() * 3000, () => void this.ask());
  }
}

function step(kind: "join" | "leave", people: People, membership: Membership, me: string | undefined): Change {
  return kind === "join" ? joined(people, membership, me) : left(people, membership, me);
}
