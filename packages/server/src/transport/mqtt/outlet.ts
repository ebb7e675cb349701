import { encodeWithin, type MqttPacket, type MqttVersion } from "@tidegate/protocol/mqtt";
import { ClientSession } from "../../session/client-session.ts";
import type { AliasesOut } from "./aliases.ts";
import type { MqttContext } from "./context.ts";
import { type DeliveryParts, type DeliveryWishes, UNBOUNDED } from "./deliver.ts";
import type { Link } from "./link.ts";
import type { SubscriptionOptions } from "./subscription.ts";
import { Window } from "./window.ts";

/** Half of the buffer bound must be free before the client is sent more than it has asked for. */
const WRITABLE_SHARE = 0.5;

/** Something that waits for room in the window. */
interface Hungry {
  pump(): void;
}

/**
 * What goes out to a client: how it wants it, whether there is room, and who waits for some. A base class and not a part
 * of the connection: there are very many connections, and each object more for each of them costs memory.
 */
export abstract class Outlet {
  readonly context: MqttContext;
  readonly link: Link;
  readonly session: ClientSession;
  phase: "new" | "connecting" | "open" | "closed" = "new";
  version: MqttVersion = 4;
  maxPacket: number = UNBOUNDED;
  /** Messages of QoS 1 and 2 that may be under way to the client. */
  maxInflight = 0;
  aliasesOut: AliasesOut | undefined = undefined;
  /** What was under way before it came back goes first. */
  isResuming = false;
  #window: Window | undefined = undefined;
  #hungry: Set<Hungry> | undefined = undefined;
  /** Somebody waits until it is well to write. */
  #isAwaited = false;
  #isFeeding = false;

  constructor(context: MqttContext, link: Link, remote: string) {
    this.context = context;
    this.link = link;
    this.session = new ClientSession(link, context.encoders.of(4, false), context.services, remote);
  }

  get window(): Window {
    return (this.#window ??= new Window(this.maxInflight));
  }

  /** Undefined if nothing of QoS 1 or 2 was ever sent. */
  get usedWindow(): Window | undefined {
    return this.#window;
  }

  get hungry(): Set<Hungry> {
    return (this.#hungry ??= new Set());
  }

  /** Whether it can be given the bytes that all others are given. */
  get takesSharedFrames(): boolean {
    return this.aliasesOut === undefined && this.maxPacket === UNBOUNDED;
  }

  form({ retainAsPublished }: SubscriptionOptions, delivery: DeliveryWishes): DeliveryParts {
    const { version, aliasesOut: aliases, maxPacket } = this;
    const now = this.context.services.clock.now();
    const { qos, retained, ids, again } = delivery;
    return { version, qos, retainAsPublished, ids, now, retained, again, aliases, maxPacket };
  }

  /** Nothing if the client takes no packet of this size. */
  send(packet: MqttPacket): void {
    const bytes = encodeWithin(packet, this.version, this.maxPacket);
    if (bytes !== undefined) this.link.send(bytes);
  }

  /** Messages that may be sent now: what the client acknowledges and what it reads both count. */
  get room(): number {
    return this.isWritable && !this.isResuming ? this.window.room : 0;
  }

  get isWritable(): boolean {
    return this.link.getBufferedAmount() <= this.context.services.limits.maxBuffered * WRITABLE_SHARE;
  }

  /** Whether so many bytes may be sent without the client being taken for one that does not read. */
  hasRoomFor(bytes: number): boolean {
    return this.link.getBufferedAmount() + bytes <= this.context.services.limits.maxBuffered;
  }

  /** Resolves when the client has taken some of what was sent to it; one after another for those who wait. */
  whenWritable(): Promise<void> {
    this.#isAwaited = true;
    return this.session.whenWritable();
  }

  drained(): void {
    this.#isAwaited = false;
    this.session.drained();
    if (this.isWritable) this.feed();
  }

  /** All of a turn has been handed to the kernel: whoever waited for that goes on. */
  flushed(): void {
    if (this.#isAwaited || (this.#hungry !== undefined && this.#hungry.size > 0)) this.drained();
  }

  /** There is room in the window. */
  feed(): void {
    const hungry = this.#hungry;
    if (hungry === undefined || hungry.size === 0 || this.phase === "closed") return;
    this.#hungry = undefined;
    for (const each of hungry) each.pump();
  }

  /** Once at the end of this turn, however often it is called: one subscription may have waited for another. */
  feedLater(): void {
    if (this.#isFeeding || this.#hungry === undefined || this.#hungry.size === 0) return;
    this.#isFeeding = true;
    this.context.services.clock.endOfTurn(() => {
      this.#isFeeding = false;
      this.feed();
    });
  }
}
