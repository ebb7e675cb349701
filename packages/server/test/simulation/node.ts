import pino from "pino";
import { namespaceOf, isWildcard, type Stored } from "@tidegate/protocol";
import { MemoryPresence } from "../../src/adapters/memory/presence.ts";
import { Revocations, type Authenticator } from "../../src/auth/index.ts";
import type { Fanout } from "../../src/delivery/connection.ts";
import { Flusher } from "../../src/delivery/flusher.ts";
import { Hub, type DeliveryPolicyOf } from "../../src/delivery/hub.ts";
import { Interests } from "../../src/delivery/interests.ts";
import { servicesOf } from "../../src/gateway/services.ts";
import { startStream } from "../../src/gateway/streams.ts";
import type { Stream, StreamOf } from "../../src/log/stream.ts";
import type { Log } from "../../src/log/log.ts";
import { namespacePolicy, type NamespaceSettings, type Options } from "../../src/options/index.ts";
import { Outbox } from "../../src/session/outbox.ts";
import type { Services } from "../../src/session/services.ts";
import type { SessionCodec } from "../../src/session/session.ts";
import { Sweeper } from "../../src/session/sweeper.ts";
import { SessionTable } from "../../src/session/table.ts";
import { Admission } from "../../src/transport/admission.ts";
import { WEBSOCKET_CODECS } from "../../src/transport/websocket/codecs.ts";
import { websocketHandler } from "../../src/transport/websocket/handler.ts";
import type { LifeClock } from "./life-clock.ts";
import { SocketServer } from "./socket-server.ts";

/** Where a mutant breaks the product, to prove that the simulation sees it. */
export interface Faults {
  readonly hub?: (...args: [Flusher, DeliveryPolicyOf, StreamOf, Interests | undefined]) => Hub;
  readonly flusher?: (...args: [LifeClock, Fanout, number]) => Flusher;
  readonly log?: (log: Log) => Log;
  readonly codec?: (codec: SessionCodec) => SessionCodec;
  readonly fanout?: (fanout: Fanout) => Fanout;
  readonly sessions?: () => SessionTable;
  readonly presence?: (clock: LifeClock) => MemoryPresence;
  readonly deliver?: (batch: readonly Stored[], deliver: (batch: readonly Stored[]) => void) => void;
}

export interface NodeParts {
  readonly name: string;
  readonly options: Options;
  readonly clock: LifeClock;
  readonly authenticator: Authenticator;
  readonly durable: Log;
  readonly memory: Log;
  readonly faults: Faults;
  /** Topics with others in them, who only cost writes. */
  readonly crowd: { readonly topics: readonly string[]; readonly size: number };
}

const TRIM_INTERVAL = 10_000;

/**
 * Bytes. The bound at which a socket is cut goes with `maxBuffered`, which is far smaller here than anybody can set it;
 * one page of history for each subscription must fit, as it does with the product's defaults.
 */
const LEAST_HARD_LIMIT = 500_000;

/** One gateway, put together from the product's parts as `Gateway` does it, without its listening socket. */
export class Node {
  readonly parts: NodeParts;
  readonly services: Services;
  readonly sockets: SocketServer;
  readonly interests: Interests;
  readonly streams: { readonly durable: Stream; readonly memory: Stream };
  readonly #settings: (name: string) => NamespaceSettings;

  constructor(parts: NodeParts) {
    const { options, clock, faults } = parts;
    this.parts = parts;
    this.#settings = namespacePolicy(options);
    const outbox = new Outbox();
    const fanout: Fanout = { publish: (group, frame) => this.sockets.publish(group, frame) };
    const flusherParts = [clock, faults.fanout?.(fanout) ?? fanout, options.delivery.maxDelay] as const;
    const flusher = faults.flusher?.(...flusherParts) ?? new Flusher(...flusherParts);
    this.interests = new Interests(clock, this.#holding);
    const byInterest = parts.durable.interest === undefined ? undefined : this.interests;
    const hubParts = [flusher, this.#settings, this.streamOf, byInterest] as const;
    const hub = faults.hub?.(...hubParts) ?? new Hub(...hubParts);
    this.streams = {
      durable: this.#stream(parts.durable, hub, outbox),
      memory: this.#stream(parts.memory, hub, outbox),
    };
    this.services = this.#services(hub, outbox);
    const admission = new Admission(options.connections, clock);
    const { maxBuffered } = options.websocket;
    const handler = websocketHandler(this.services, admission, {
      maxFrame: 65_536,
      compression: false,
      maxBuffered,
      heartbeat: options.heartbeat,
    });
    const hardLimit = Math.max(handler.backpressureLimit ?? 0, LEAST_HARD_LIMIT);
    this.sockets = new SocketServer(handler, { hardLimit, admission, codec: faults.codec ?? ((codec) => codec) });
    new Sweeper(this.services.sessions, clock);
    this.#trimLater();
    this.#crowd(1);
  }

  /** Ends the crowd. */
  dismiss(): void {
    this.#crowd(-1);
  }

  get presence(): MemoryPresence {
    return this.services.presence as MemoryPresence;
  }

  streamOf = (topic: string): Stream =>
    this.#settings(namespaceOf(topic)).durability === "memory" ? this.streams.memory : this.streams.durable;

  #holding = (filter: string): readonly Stream[] => {
    const namespace = namespaceOf(filter);
    return isWildcard(namespace) ? [this.streams.durable, this.streams.memory] : [this.streamOf(namespace)];
  };

  epochOf(topic: string): string {
    return this.streamOf(namespaceOf(topic)).log.epoch;
  }

  #stream(store: Log, hub: Hub, outbox: Outbox): Stream {
    const { options, clock, faults } = this.parts;
    const log = faults.log?.(store) ?? store;
    const { deliver } = faults;
    return startStream(log, {
      options,
      clock,
      deliver: deliver === undefined ? hub.messages : (batch) => deliver(batch, hub.messages),
      answered: () => outbox.flush(),
    }).stream;
  }

  #services(hub: Hub, outbox: Outbox): Services {
    const { options, clock, authenticator, faults, name } = this.parts;
    return servicesOf(options, {
      nodeId: name,
      clock,
      logger: pino({ level: "silent" }),
      authenticator,
      revocations: new Revocations({ clock }),
      streamOf: this.streamOf,
      hub,
      presence: faults.presence?.(clock) ?? new MemoryPresence({ clock }),
      outbox,
      sessions: faults.sessions?.() ?? new SessionTable(),
      isStopping: () => false,
      isDraining: () => false,
    });
  }

  #crowd(change: 1 | -1): void {
    const { topics, size } = this.parts.crowd;
    const [encoder] = WEBSOCKET_CODECS.values();
    if (encoder === undefined || size === 0) return;
    for (const topic of new Set(topics)) {
      const group = this.services.hub.group(topic);
      for (let i = 0; i < size; i++) group.count(encoder, change);
      this.services.hub.release(group);
    }
  }

  #trimLater(): void {
    this.parts.clock.after(TRIM_INTERVAL, () => {
      const { durable, memory } = this.streams;
      void Promise.all([durable.log.trim(), memory.log.trim()]).then(() => this.#trimLater());
    });
  }
}
