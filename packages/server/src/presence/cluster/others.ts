import type { Logger } from "pino";
import type { Clock } from "../../clock.ts";
import type { Nodes } from "../../cluster/nodes.ts";
import { Departed } from "./departed.ts";
import type { Directory } from "./directory.ts";
import { Neighbour, type Verdict } from "./neighbour.ts";
import type { Voice } from "./voice.ts";
import { newsOf, type Head, type Packet, type TopicNews } from "./wire.ts";

/** Milliseconds between two questions to the same gateway. */
const ASK_PAUSE = 1000;
/** Milliseconds after which a gateway that says nothing is taken to be out of reach: three of its digests. */
const SILENCE = 3500;

export interface OthersParts {
  readonly clock: Clock;
  readonly nodes: Nodes;
  readonly voice: Voice;
  readonly directory: Directory;
  readonly logger: Logger;
}

/** What is known of the other gateways' members: it listens, notices what it has not heard, and asks. */
export class Others {
  readonly counters = {
    /** Snapshots asked for. */
    asked: 0,
    /** Times that messages were missing. */
    holes: 0,
  };
  readonly #parts: OthersParts;
  readonly #all = new Map<string, Neighbour>();
  readonly #departed: Departed;
  readonly #unwatch: () => void;

  constructor(parts: OthersParts) {
    this.#parts = parts;
    this.#departed = new Departed(parts.clock, parts.directory, ({ id }) => void this.#all.delete(id));
    this.#unwatch = parts.nodes.watch({
      joined: ({ id }) => this.#joined(id),
      left: (id, why) => this.#left(id, why),
    });
    for (const { id } of parts.nodes.all) this.#joined(id);
  }

  /** Of each gateway all members are known, as far as this one can tell. */
  get isWhole(): boolean {
    return this.#all.values().every((neighbour) => neighbour.isGone || neighbour.isWhole);
  }

  /** Gateways besides this one; those that are gone, too, as long as members of them are there. */
  get size(): number {
    return this.#all.size;
  }

  /** @throws Malformed */
  hear({ head, body }: Packet): void {
    const neighbour = head.kind === "ask" ? undefined : this.#all.get(head.owner);
    if (head.kind === "ask" || neighbour === undefined || neighbour.isGone) return;
    neighbour.heardAt = this.#parts.clock.now();
    const verdict = neighbour.hear(head);
    if (neighbour.state === "live") neighbour.isConfirmed = true;
    try {
      this.#perform(verdict, neighbour, { head, body });
    } catch (error) {
      // What it said is lost on us: as if it had not been heard.
      neighbour.doubt();
      throw error;
    }
  }

  /** The bus went away: what is known may be old from now on. */
  cutOff(): void {
    for (const neighbour of this.#all.values()) neighbour.isConfirmed = false;
  }

  /** Once a second: asks again, and looks who is silent. */
  tick(): void {
    const now = this.#parts.clock.now();
    for (const neighbour of this.#all.values()) {
      if (now - neighbour.heardAt > SILENCE) neighbour.isConfirmed = false;
      if (neighbour.state === "asking") this.#ask(neighbour);
    }
  }

  close(): void {
    this.#unwatch();
    this.#departed.clear();
    this.#all.clear();
  }

  #joined(id: string): void {
    const { nodes, clock } = this.#parts;
    if (id === nodes.self) return;
    const known = this.#all.get(id);
    if (known !== undefined && !known.isGone) return;
    if (known !== undefined) this.#departed.remove(known);
    known?.returned(clock.now());
    const neighbour = known ?? new Neighbour(id, clock.now());
    this.#all.set(id, neighbour);
    this.#ask(neighbour);
  }

  /** A lost one was last heard a lease ago: its members' grace times began then. */
  #left(id: string, why: "stopped" | "lost"): void {
    const neighbour = this.#all.get(id);
    if (neighbour === undefined || neighbour.isGone) return;
    neighbour.state = "gone";
    this.#departed.add(neighbour, why === "stopped" ? this.#parts.clock.now() : neighbour.heardAt);
  }

  #perform(verdict: Verdict, neighbour: Neighbour, { head, body }: Packet): void {
    switch (verdict) {
      case "ignore":
        return;
      case "apply":
        return this.#apply(neighbour, head, newsOf(body));
      case "finish":
        this.#apply(neighbour, head, newsOf(body));
        return this.#sweep(neighbour);
      case "empty":
        return this.#sweep(neighbour);
      case "hole":
        this.counters.holes++;
        return this.#ask(neighbour);
      case "differs":
        this.#parts.logger.warn(
          { node: neighbour.id },
          "presence: the members of another gateway differ from its count",
        );
        return this.#ask(neighbour);
    }
  }

  #apply(neighbour: Neighbour, head: Head, news: readonly TopicNews[]): void {
    const { directory } = this.#parts;
    const time = "time" in head ? head.time : 0;
    const { edition } = neighbour;
    for (const { topic: name, grace, present, gone } of news) {
      if (present.length > 0) directory.topic(name).grace = grace;
      for (const [user, age, info] of present)
        directory.claim(directory.topic(name), edition, { user, info, at: time - age });
      for (const user of gone) {
        const topic = directory.topics.get(name);
        if (topic !== undefined) directory.release(topic, neighbour, user);
      }
    }
  }

  /** What its newest snapshot did not name is not there. */
  #sweep(neighbour: Neighbour): void {
    this.#parts.directory.sweep(({ edition }) => edition.owner === neighbour && edition !== neighbour.edition);
  }

  #ask(neighbour: Neighbour): void {
    const { clock, voice } = this.#parts;
    const now = clock.now();
    // A clock may be set back.
    const isEarly = now >= neighbour.askedAt && now - neighbour.askedAt < ASK_PAUSE;
    if (!voice.isHeard || isEarly) return;
    neighbour.askedAt = now;
    this.counters.asked++;
    voice.ask(neighbour.id);
  }
}
