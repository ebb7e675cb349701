import type { Message, Stored } from "@tidegate/protocol";
import { Fifo } from "../../log/fifo.ts";
import { HISTORY, RETAINED } from "./segment.ts";
import { Segments } from "./segments.ts";
import { Topic } from "./topic.ts";

export interface StoreBounds {
  /** Bytes of all messages; the oldest go first. */
  readonly maxBytes: number;
  /** Topics without messages whose place in the log is remembered. */
  readonly maxIdleTopics: number;
}

/** What the memory log holds, and how it lets go of it. */
export class Store {
  readonly segments = new Segments();
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

  /** `at`: when it is stored, in milliseconds since 1970. */
  add(stored: Stored, topic: Topic, at: number): void {
    const { message, offset } = stored;
    topic.history.push(offset);
    topic.head = offset;
    this.segments.add(stored, topic, at);
    this.#bytes += message.payload.size + OVERHEAD;
    if (message.retain) this.#retain(topic, stored);
  }

  /** When the oldest message of the topic's history was stored; Infinity if it has none. */
  oldestAt(topic: Topic): number {
    const { first } = topic.history;
    return first === undefined ? Infinity : this.segments.storedAt(first);
  }

  /** Lets the oldest messages go until the bound holds. */
  shrink(): void {
    while (this.#bytes > this.#bounds.maxBytes) {
      const topic = this.segments.oldest();
      if (topic === undefined) return;
      this.dropFirst(topic);
    }
  }

  /** Keeps the newest `size` messages of the topic. */
  limit(topic: Topic, size: number): void {
    while (topic.history.size > size) this.dropFirst(topic);
  }

  dropFirst(topic: Topic): void {
    const offset = topic.history.shift();
    if (offset === undefined) return;
    topic.floor = offset;
    if (offset > this.#highestFloor) this.#highestFloor = offset;
    this.#count(this.segments.drop(offset, HISTORY));
    if (topic.isEmpty) this.#noteIdle(topic);
  }

  #retain(topic: Topic, { message, offset }: Stored): void {
    const old = topic.retained;
    if (old !== undefined) {
      this.#retainedBytes -= this.segments.sizeOf(old) + OVERHEAD;
      this.#count(this.segments.drop(old, RETAINED));
    }
    const { size } = message.payload;
    topic.retained = size === 0 ? undefined : offset;
    if (size === 0) return;
    this.segments.keep(offset, RETAINED);
    this.#retainedBytes += size + OVERHEAD;
  }

  /** `released`: bytes of a payload that is not there any more. */
  #count(released: number | undefined): void {
    if (released !== undefined) this.#bytes -= released + OVERHEAD;
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

/** Fields, slots and texts beside a payload. */
const OVERHEAD = 160;
