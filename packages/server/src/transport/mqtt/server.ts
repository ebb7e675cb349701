import type { Socket, TCPSocketListener, TLSOptions } from "bun";
import type { PublishCommand } from "@tidegate/protocol";
import type { SessionStore } from "../../durable/session-store.ts";
import type { Stream } from "../../log/stream.ts";
import { submit } from "../../session/commands/publish.ts";
import { increase, type Services } from "../../session/services.ts";
import type { Admission } from "../admission.ts";
import type { Bus } from "../../cluster/bus.ts";
import type { Nodes } from "../../cluster/nodes.ts";
import { Caretaker } from "./caretaker.ts";
import { MqttClient } from "./client.ts";
import type { MqttContext, MqttSettings } from "./context.ts";
import { Encoders } from "./encoders.ts";
import { headersOf, priorityOf } from "./headers.ts";
import { payloadOf } from "./payload.ts";
import { RetainedValues } from "./retained.ts";
import { Rivals } from "./rivals.ts";
import { Roster } from "./roster.ts";
import { SessionBound } from "./session-bound.ts";
import { SharedSubscriptions } from "./shared.ts";
import { readWill, settleWill } from "./stored-will.ts";
import { MqttSweeper } from "./sweeper.ts";
import { TcpLink } from "./tcp-link.ts";
import { TurnWriter } from "./turn-writer.ts";
import type { Testament } from "./testament.ts";
import { WillKeeper } from "./will-keeper.ts";

export interface MqttParts {
  readonly services: Services;
  readonly settings: MqttSettings;
  readonly streams: () => readonly Stream[];
  readonly store: SessionStore;
  readonly admission: Admission;
  readonly randomId: () => string;
  readonly nodes: Nodes;
  /** Undefined for a gateway alone. */
  readonly bus: Bus | undefined;
}

/** Bytes past which a connection is cut at once, as multiples of the bound at which the sweeper acts. */
const HARD_LIMIT = 8;

/** Milliseconds for which the end waits for a store that is away: what it does not have by then is lost. */
const PATIENCE = 5000;

/** What a socket carries; undefined before it is admitted, and once it is gone. */
type Carried = MqttClient;

/** MQTT 3.1.1 and 5.0 over TCP, TLS and WebSocket. */
export class MqttServer {
  readonly context: MqttContext;
  readonly #parts: MqttParts;
  readonly #sweeper: MqttSweeper;
  readonly #listeners: TCPSocketListener<Carried | undefined>[] = [];

  constructor(parts: MqttParts) {
    const { services, settings, streams, store, randomId, bus, nodes } = parts;
    const { clock } = services;
    this.#parts = parts;
    const roster = new Roster();
    const wills = new WillKeeper({
      clock,
      read: (key) => readWill(store, key),
      publish: (testament, done) => publishWill(services, testament, done),
      settle: (key, testament) => settleWill(this.context, key, testament),
    });
    const context: MqttContext = {
      services,
      settings,
      streams,
      store,
      randomId,
      roster,
      bound: new SessionBound({ most: settings.maxSessions, count: () => store.count(), clock }),
      wills,
      rivals: bus && new Rivals({ bus, nodes, clock, roster, wills, warn: warner(services) }),
      shared: new SharedSubscriptions(() => context),
      retained: new RetainedValues(() => context),
      encoders: new Encoders(clock),
      turn: new TurnWriter(clock, services.limits.maxBuffered * HARD_LIMIT),
    };
    this.context = context;
    this.#sweeper = new MqttSweeper(context, new Caretaker(context, nodes));
  }

  /** Opens a port; returns the one that was taken. Throws if it cannot be had. */
  listen(hostname: string, port: number, tls: TLSOptions | undefined): number {
    const listener = Bun.listen<Carried | undefined>({
      hostname,
      port,
      ...(tls === undefined ? {} : { tls }),
      socket: {
        open: (socket) => this.#open(socket),
        data: (socket, chunk) => socket.data?.data(chunk),
        drain(socket) {
          (socket.data?.link as TcpLink | undefined)?.drained();
          socket.data?.drained();
        },
        close: (socket) => this.#close(socket),
        error: (socket) => socket.terminate(),
      },
    });
    this.#listeners.push(listener);
    return listener.port;
  }

  /** Takes no more connections. */
  stopListening(): void {
    for (const listener of this.#listeners) listener.stop(false);
  }

  /** Everybody has left. Resolves when their sessions are stored and the store is closed. */
  async close(): Promise<void> {
    const { roster, wills, rivals, store, services } = this.context;
    const swept = this.#sweeper.stop();
    this.stopListening();
    for (const client of roster) client.session.close("draining", "this node is about to stop");
    wills.executeAll(rivals !== undefined);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = services.clock.after(PATIENCE, resolve);
    await Promise.race([Promise.all([swept, roster.settled(), wills.settled()]), late]);
    cancel();
    wills.stop();
    rivals?.stop();
    await store.close();
  }

  #open(socket: Socket<Carried | undefined>): void {
    const { admission, services } = this.#parts;
    const address = socket.remoteAddress;
    if (services.isDraining() || admission.enter(address) !== undefined) {
      socket.data = undefined;
      socket.terminate();
      return;
    }
    const link = new TcpLink(socket, this.context.turn);
    socket.data = new MqttClient(this.context, link, address);
  }

  #close(socket: Socket<Carried | undefined>): void {
    const { data: client } = socket;
    if (client === undefined) return;
    socket.data = undefined;
    client.gone();
    this.#parts.admission.leave(client.session.remote);
  }
}

/** `done` is called when it is stored, or will never be. */
function publishWill(services: Services, { id, will, identity }: Testament, done: () => void): void {
  const { topic, payload, qos, retain, properties } = will;
  const command: PublishCommand = {
    kind: "publish",
    id: undefined,
    topic,
    payload: payloadOf(payload),
    messageId: id,
    priority: priorityOf(properties),
    headers: headersOf(properties, undefined),
    retain,
  };
  const refused = (): void => {
    increase(services.counters.errors, "will_refused");
    done();
  };
  const answer = { published: done, refused };
  // A bucket of its own: the client's is gone with its connection.
  const from = { identity, tokens: 1, counted: services.clock.now() };
  const refusal = submit(services, { from, origin: "mqtt", answer, quality: qos, isLast: true }, command);
  if (refusal === undefined) return;
  services.logger.warn({ topic, reason: refusal.reason }, "a will was not published");
  done();
}

function warner({ logger }: Services): (error: unknown, message: string) => void {
  return (error, message) => logger.warn({ err: error }, message);
}
