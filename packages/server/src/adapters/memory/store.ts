import type { Message } from "@tidegate/protocol";
import { Fifo } from "../../log/fifo.ts";
import { type Entry, Topic } from "./entry.ts";
import { Order } from "./order.ts";

export interface StoreBounds {
  /** Bytes of all messages; the oldest go first. */
  readonly maxBytes: number;
  /** Topics without messages whose place in the log is remembered. */
  readonly maxIdleTopics: number;
}

/** What the memory log holds, and how it lets go of it. */
export class Store {
  readonly order = new Order();
  /** Topics with a retained value. */
  readonly retained = new Map<string, Topic>();
  readonly #bounds: StoreBounds;
  readonly #topics = new Map<string, Topic>();
  readonly #idle = new Fifo<Topic>();
  #bytes = 0;
  #retainedBytes = 0;
  /** Newest offset that any forgotten topic had: what came before it may have been of any unknown topic. */
  #forgotten = 0;
  /** Newest offset that was removed anywhere. */
  #highestFloor = 0;

  constructor(bounds: StoreBounds) {
    this.#bounds = bounds;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get topics(): ReadonlyMap<string, Topic> {
    return this.#topics;
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  get highestFloor(): number {
    return Math.max(this.#highestFloor, this.#forgotten);
  }

  /** Whether the retained values among the messages fit beside those that are there. */
  hasRoomFor(messages: readonly Message[]): boolean {
    let bytes = this.#retainedBytes;
    for (const message of messages) if (message.retain) bytes += message.payload.size;
    return bytes <= this.#bounds.maxBytes;
  }

  topic(name: string): Topic {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const topic = new Topic(name, this.#forgotten);
    this.#topics.set(name, topic);
    return topic;
  }

  add(entry: Entry): void {
    const { topic } = entry;
    topic.entries.push(entry);
    topic.head = entry.offset;
    this.order.push(entry);
    this.#bytes += entry.bytes;
    if (entry.message.retain) this.#retain(topic, entry);
  }

  /** Lets the oldest messages go until the bound holds. */
  shrink(): void {
    while (this.#bytes > this.#bounds.maxBytes) {
      const oldest = this.order.first();
      if (oldest === undefined) return;
      this.dropFirst(oldest.topic);
    }
  }

  /** Keeps the newest `size` messages of the topic. */
  limit(topic: Topic, size: number): void {
    while (topic.entries.size > size) this.dropFirst(topic);
  }

  dropFirst(topic: Topic): void {
    const entry = topic.entries.shift();
    if (entry === undefined) return;
    topic.floor = entry.offset;
    if (entry.offset > this.#highestFloor) this.#highestFloor = entry.offset;
    this.order.remove(entry.offset);
    if (topic.retained !== entry) this.#bytes -= entry.bytes;
    if (topic.isEmpty) this.#noteIdle(topic);
  }

  #retain(topic: Topic, entry: Entry): void {
    const old = topic.retained;
    if (old !== undefined) {
      this.#retainedBytes -= old.bytes;
      if (old.offset <= topic.floor) this.#bytes -= old.bytes;
    }
    const cleared = entry.message.payload.size === 0;
    topic.retained = cleared ? undefined : entry;
    if (cleared) this.retained.delete(topic.name);
    else this.retained.set(topic.name, topic);
    if (!cleared) this.#retainedBytes += entry.bytes;
  }

  #noteIdle(topic: Topic): void {
    if (topic.idleSince !== undefined) return;
    topic.idleSince = topic.head;
    this.#idle.push(topic);
    while (this.#idle.size > this.#bounds.maxIdleTopics) this.#forgetOne();
  }

  /** The topic that was idle first goes, unless it has come back to life: then it is asked again later. */
  #forgetOne(): void {
    const topic = this.#idle.shift();
    if (topic === undefined) return;
    const since = topic.idleSince;
    topic.idleSince = undefined;
    if (!topic.isEmpty) return;
    if (topic.head !== since) return this.#noteIdle(topic);
    this.#topics.delete(topic.name);
    this.#forgotten = Math.max(this.#forgotten, topic.head);
  }
}
