import type { Member } from "@tidegate/protocol";
import type { Logger } from "pino";
import type { Cancel, Clock } from "../../clock.ts";
import type { Bus, BusSubscription } from "../../cluster/bus.ts";
import type { Nodes } from "../../cluster/nodes.ts";
import { ChangeGatherer } from "../gatherer.ts";
import { PresenceUnavailable } from "../presence.ts";
import type { Presence, PresenceSettings, PresenceState, PresenceWatcher } from "../presence.ts";
import { Directory } from "./directory.ts";
import { Others } from "./others.ts";
import { OwnMembers } from "./own-members.ts";
import { Reporter } from "./reporter.ts";
import { Snapshots } from "./snapshots.ts";
import type { Owner } from "./topic.ts";
import { PRESENCE_SUBJECT, Voice } from "./voice.ts";
import { Warnings } from "./warnings.ts";
import { Wholeness } from "./wholeness.ts";
import { readPacket } from "./wire.ts";

export interface ClusterPresenceOptions {
  readonly clock: Clock;
  readonly bus: Bus;
  readonly nodes: Nodes;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  /**
   * Milliseconds from the start for which it may not know of all other gateways yet, so that questions wait; 0 unless told. A hello
   * is answered within a tenth of the nodes' heartbeat.
   */
  readonly settle?: number;
  /**
   * Milliseconds for which questions are answered from what was known; 30,000 unless told. It must be longer than the nodes' lease:
   * a gateway that died may not keep the others from answering.
   */
  readonly maxAge?: number;
}

/** Milliseconds between two digests. */
const TICK = 1000;

/**
 * Presence of a cluster. Each gateway answers for the members whose sessions it has (its own), tells the others what changes
 * among them, and holds the others' as they tell. It is to be closed before the bus.
 */
export class ClusterPresence implements Presence {
  readonly #options: ClusterPresenceOptions;
  readonly #own: OwnMembers;
  readonly #directory: Directory;
  readonly #gatherer: ChangeGatherer;
  readonly #reporter: Reporter;
  readonly #snapshots: Snapshots;
  readonly #others: Others;
  readonly #wholeness: Wholeness;
  readonly #warnings: Warnings;
  readonly #subscriptions: readonly BusSubscription[];
  readonly #unwatchBus: () => void;
  readonly #settledAt: number;
  #stopTicking: Cancel;
  readonly #stopSettling: Cancel;
  #closed = false;

  constructor(options: ClusterPresenceOptions) {
    const { clock, bus, nodes, random, logger, settle = 0 } = options;
    this.#options = options;
    const owner: Owner = { id: nodes.self, isGone: false };
    this.#gatherer = new ChangeGatherer(clock);
    this.#directory = this.#makeDirectory(owner);
    const changed = (topic: string, user: string): void => this.#reporter.changed(topic, user);
    this.#own = new OwnMembers({ clock, owner, directory: this.#directory, changed });
    const voice = new Voice({ clock, bus, self: nodes.self, logger });
    this.#reporter = new Reporter(clock, voice, this.#own);
    this.#snapshots = new Snapshots({ clock, voice, own: this.#own, others: () => this.#others.size });
    this.#wholeness = new Wholeness(clock, options.maxAge);
    this.#warnings = new Warnings(clock, logger);
    const hear = (payload: Uint8Array): void => this.#hear(payload);
    this.#subscriptions = [
      bus.subscribe(PRESENCE_SUBJECT, hear),
      bus.subscribe([...PRESENCE_SUBJECT, nodes.self], hear),
    ];
    this.#others = new Others({ clock, nodes, voice, directory: this.#directory, logger });
    this.#unwatchBus = bus.watch((isUp) => this.#busChanged(isUp));
    this.#settledAt = clock.now() + settle;
    this.#stopSettling = clock.after(settle, () => this.#look());
    this.#stopTicking = clock.after(random() * TICK, this.#tick);
    this.#look();
  }

  /** Resolves when what the others say from now on arrives here. */
  get ready(): Promise<void> {
    return Promise.all(this.#subscriptions.map(({ ready }) => ready)).then(() => undefined);
  }

  /** For metrics and for tests. */
  get figures() {
    return {
      topics: this.#directory.topics.size,
      /** In all topics, on all gateways. */
      members: this.#directory.members,
      own: this.#own.count,
      gateways: this.#others.size,
      isWhole: this.#wholeness.isWhole,
      snapshots: this.#snapshots.begun,
      ...this.#others.counters,
    };
  }

  enter(topic: string, session: string, member: Member, settings: PresenceSettings): void {
    if (!this.#closed) this.#own.enter(topic, session, member, settings);
  }

  exit(topic: string, session: string, gone: boolean): void {
    this.#own.exit(topic, session, gone);
  }

  async query(name: string, limit: number): Promise<PresenceState> {
    if (this.#closed) throw new PresenceUnavailable("presence is closed");
    const wait = this.#wholeness.answerable();
    if (wait !== undefined) await wait;
    const topic = this.#directory.topics.get(name);
    if (limit > 0) this.#gatherer.seen(name);
    return { count: topic?.count ?? 0, members: topic?.list(limit) ?? [] };
  }

  watch(watcher: PresenceWatcher): () => void {
    return this.#gatherer.watch(watcher);
  }

  /** Its members stay members at the others, for their grace times: they are told by `Nodes` that it stopped. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#reporter.close();
    this.#stopTicking();
    this.#stopSettling();
    this.#unwatchBus();
    for (const subscription of this.#subscriptions) subscription.end();
    this.#snapshots.close();
    this.#others.close();
    this.#wholeness.close();
    this.#gatherer.close();
    this.#own.clear();
    this.#directory.clear();
  }

  #makeDirectory(self: Owner): Directory {
    return new Directory({
      joined: (topic, member) => topic.local !== undefined && this.#gatherer.joined(topic.name, member, topic),
      renewed: (topic, member) => this.#gatherer.renewed(topic.name, member),
      left: (topic, member) => topic.local !== undefined && this.#gatherer.left(topic.name, member, topic),
      shared: (topic, user, owner) => owner !== self && this.#own.hasten(topic.name, user),
    });
  }

  #hear(payload: Uint8Array): void {
    if (this.#closed) return;
    try {
      const packet = readPacket(payload);
      if (packet.head.kind === "ask") this.#snapshots.want();
      else this.#others.hear(packet);
    } catch (error) {
      this.#warnings.malformed(error as Error);
    }
    this.#look();
  }

  #busChanged(isUp: boolean): void {
    if (isUp) this.#speak();
    else this.#others.cutOff();
    this.#look();
  }

  readonly #tick = (): void => {
    this.#stopTicking = this.#options.clock.after(TICK, this.#tick);
    if (this.#options.bus.isUp) this.#speak();
    this.#look();
    this.#warnings.look(this.#wholeness.brokenFor);
  };

  #speak(): void {
    this.#reporter.digest();
    this.#others.tick();
  }

  #look(): void {
    const { bus, clock } = this.#options;
    this.#wholeness.set(bus.isUp && this.#others.isWhole && clock.now() >= this.#settledAt);
  }
}
