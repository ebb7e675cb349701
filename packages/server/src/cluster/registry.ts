import type { Cancel, Clock } from "../clock.ts";
import { decodeAnnouncement, encodeAnnouncement, type Announcement } from "./announcement.ts";
import type { Bus, BusSubscription } from "./bus.ts";
import { Complaints } from "./complaints.ts";
import type { Nodes, NodesWatcher, NodeView } from "./nodes.ts";
import { MAX_PEERS, Peers } from "./peers.ts";

export interface NodeRegistryParts {
  readonly bus: Bus;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly logger: RegistryLogger;
  readonly id: string;
  /** What this node says of itself, asked for with each announcement: from `start` on. */
  readonly describe: () => NodeView;
  readonly settings: RegistrySettings;
}

export interface RegistrySettings {
  /** Milliseconds from one announcement to the next. */
  readonly heartbeat: number;
  /** Milliseconds without an announcement after which a node is gone. */
  readonly lease: number;
}

export interface RegistryLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The nodes of a cluster, as far as this one hears them: each announces itself on the bus. */
export class NodeRegistry implements Nodes {
  readonly #parts: NodeRegistryParts;
  readonly #peers: Peers;
  readonly #subscription: BusSubscription;
  readonly #unwatchBus: () => void;
  readonly #complaints: Complaints;
  #view: NodeView | undefined;
  /** When this node heard itself last; undefined: not since the bus came. */
  #heardSelfAt: number | undefined = undefined;
  #timer: Cancel = () => {};
  /** An announcement that somebody asked for is about to leave. */
  #answering: Cancel | undefined = undefined;
  #started = false;
  #closed = false;

  constructor(parts: NodeRegistryParts) {
    const { bus, clock, settings, logger } = parts;
    this.#parts = parts;
    this.#peers = new Peers(settings.lease);
    this.#complaints = new Complaints(clock, (count, why) =>
      logger.warn({ count, why }, "announcements of nodes are ignored"),
    );
    this.#subscription = bus.subscribe(SUBJECT, (payload) => this.#take(payload));
    this.#unwatchBus = bus.watch((isUp) => this.#busIs(isUp));
  }

  /**
   * Says hello when it would hear the answers, and goes on from there. Until then this node hears others and says nothing. Never
   * rejects: without a bus the hello follows when that is there.
   */
  async start(): Promise<void> {
    await this.#subscription.ready.catch((error: Error) =>
      this.#parts.logger.warn({ err: error }, "the other nodes cannot be heard yet"),
    );
    if (this.#closed) return;
    this.#started = true;
    this.#say("hello");
    this.#later();
  }

  get self(): string {
    return this.#parts.id;
  }

  get all(): readonly NodeView[] {
    return this.#view === undefined ? this.#peers.views : [this.#view, ...this.#peers.views];
  }

  /** Announcements that were ignored since the start. */
  get ignored(): number {
    return this.#complaints.count;
  }

  has(id: string): boolean {
    return id === this.self || this.#peers.has(id);
  }

  watch(watcher: NodesWatcher): () => void {
    return this.#peers.watch(watcher);
  }

  /** Tells the others at once what has changed. */
  announce(): void {
    this.#say("here");
  }

  /** Says goodbye. Watchers are not called any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer();
    this.#answering?.();
    this.#complaints.stop();
    this.#unwatchBus();
    this.#subscription.end();
    this.#peers.clear();
    if (this.#started) this.#parts.bus.publish(SUBJECT, encodeAnnouncement({ kind: "bye", id: this.self }));
  }

  #later(): void {
    const { clock, random, settings } = this.#parts;
    const wait = settings.heartbeat * (1 + JITTER * (2 * random() - 1));
    this.#timer = clock.after(wait, () => {
      this.#say("here");
      this.#later();
    });
  }

  #busIs(isUp: boolean): void {
    this.#heardSelfAt = undefined;
    if (isUp) this.#say("hello");
  }

  #say(kind: "hello" | "here"): void {
    if (!this.#started || this.#closed) return;
    this.#view = this.#parts.describe();
    this.#parts.bus.publish(SUBJECT, encodeAnnouncement({ kind, node: this.#view }));
  }

  #take(payload: Uint8Array): void {
    if (this.#closed) return;
    try {
      const announcement = decodeAnnouncement(payload);
      if (announcement !== undefined) this.#hear(announcement);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#complaints.add(error.message);
    }
  }

  #hear(announcement: Announcement): void {
    const { logger } = this.#parts;
    const id = announcement.kind === "bye" ? announcement.id : announcement.node.id;
    if (id === this.self) this.#hearSelf();
    else if (announcement.kind === "bye") {
      if (this.#peers.has(id)) logger.info({ node: id }, "a node has stopped");
      this.#peers.stopped(id);
    } else this.#meet(announcement.kind, announcement.node);
  }

  /**
   * What lies between two announcements of its own this node could hear, so that time counts for the others. A longer gap means that
   * the bus was away or stood still, or this process did: what others said in it may be lost.
   */
  #hearSelf(): void {
    const { clock, settings, logger } = this.#parts;
    const before = this.#heardSelfAt;
    const now = (this.#heardSelfAt = clock.now());
    if (before === undefined || now - before > 2 * settings.heartbeat) return this.#peers.renew();
    for (const { id, name } of this.#peers.pass(now - before))
      logger.warn({ node: id, name }, "a node was not heard of for its lease: it is gone");
  }

  #meet(kind: "hello" | "here", node: NodeView): void {
    const { clock, logger } = this.#parts;
    const isNew = !this.#peers.has(node.id);
    const now = clock.now();
    if (!this.#peers.heard(node, now - (this.#heardSelfAt ?? now)))
      return this.#complaints.add(`there are ${MAX_PEERS} other nodes already`);
    if (isNew) logger.info({ node: node.id, name: node.name, url: node.url }, "a node is there");
    if (kind === "hello") this.#answer();
  }

  /** Many nodes that start together get one answer. */
  #answer(): void {
    const { clock, random, settings } = this.#parts;
    this.#answering ??= clock.after(random() * settings.heartbeat * JITTER, () => {
      this.#answering = undefined;
      this.#say("here");
    });
  }
}

const SUBJECT = ["nodes"];
/** Share of the heartbeat by which announcements come earlier or later, so that nodes do not speak all at once. */
const JITTER = 0.1;
