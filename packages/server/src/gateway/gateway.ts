import type { Server } from "bun";
import type { NodeView } from "../cluster/nodes.ts";
import { Flusher } from "../delivery/flusher.ts";
import { Hub } from "../delivery/hub.ts";
import { Interests } from "../delivery/interests.ts";
import { LoopLag } from "../observe/loop-lag.ts";
import { createMetrics } from "../observe/metrics.ts";
import type { Options } from "../options/index.ts";
import { Outbox } from "../session/outbox.ts";
import type { Services } from "../session/services.ts";
import { Sweeper } from "../session/sweeper.ts";
import { Admission } from "../transport/admission.ts";
import { isWorthCompressing } from "../transport/websocket/compressed.ts";
import type { MqttServer } from "../transport/mqtt/server.ts";
import { SysTopics } from "../transport/mqtt/sys.ts";
import type { SocketData } from "../transport/websocket/handler.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { Drain } from "./drain.ts";
import { Exodus } from "./exodus.ts";
import { Influx } from "./influx.ts";
import { figuresOf } from "./figures.ts";
import { listen } from "./listen.ts";
import { listenMqtt, type MqttPorts, openMqtt } from "./mqtt.ts";
import type { GatewayParts } from "./parts.ts";
import { selfDescription } from "./self.ts";
import { policyOf, servicesOf } from "./services.ts";
import { Streams } from "./streams.ts";

interface Opened {
  readonly flusher: Flusher;
  readonly hub: Hub;
  readonly outbox: Outbox;
  readonly streams: Streams;
  readonly cluster: Cluster;
}

/** Milliseconds between two rounds of retention. */
const TRIM_INTERVAL = 10_000;

/** One running node: everything between its listening socket and its logs. */
export class Gateway {
  readonly options: Options;
  readonly services: Services;
  readonly streams: Streams;
  readonly cluster: Cluster;
  readonly admission: Admission;
  readonly flusher: Flusher;
  readonly #parts: GatewayParts;
  readonly #sweeper: Sweeper;
  readonly #exodus: Exodus;
  readonly #influx: Influx;
  readonly #drain: Drain;
  readonly #loopLag: LoopLag;
  readonly #describe: () => NodeView;
  #server: Server<SocketData> | undefined;
  #mqtt: MqttServer | undefined;
  #mqttPorts: MqttPorts = { plain: undefined, secure: undefined };
  #sys: SysTopics | undefined;
  #stopTrimming: (() => void) | undefined;

  /** Opens the logs, checks the keys and listens. Rejects with a sentence for the operator. */
  static async start(parts: GatewayParts): Promise<Gateway> {
    const { options, clock } = parts;
    const outbox = new Outbox();
    // The hub needs the streams for positions, the streams the hub to deliver: the hub gets them by a late look-up.
    const placeOf = (filter: string) => gateway.streams.placeOf(filter);
    const fanout = { publish: (group: string, frame: string | Uint8Array) => gateway.#publish(group, frame) };
    const flusher = new Flusher(clock, fanout, options.delivery.maxDelay);
    const interests = new Interests(clock, (filter) => gateway.streams.holding(filter));
    const hub = new Hub(flusher, policyOf(options), placeOf, options.log.url && interests);
    const streams = await Streams.open({
      ...parts,
      deliver: hub.messages,
      answered: () => outbox.flush(),
      // Whatever a client holds, a position or a place in a log, is of the one that was lost: it comes again, and is told.
      ending: () => gateway.#closeAll("the log was lost and made anew; connect again"),
      renewed: (stream) => interests.renew(stream),
    });
    const cluster = await openCluster(parts, () => gateway.#describe()).catch(async (error: unknown) => {
      await streams.close();
      throw error;
    });
    const gateway: Gateway = new Gateway(parts, { flusher, hub, outbox, streams, cluster });
    await gateway.#prepare();
    return gateway;
  }

  private constructor(parts: GatewayParts, { flusher, hub, outbox, streams, cluster }: Opened) {
    const { options, clock, revocations } = parts;
    this.#parts = parts;
    this.options = options;
    this.streams = streams;
    this.flusher = flusher;
    this.admission = new Admission(options.connections, clock);
    this.cluster = cluster;
    const state = { isStopping: () => this.#drain.isStopping, isDraining: () => this.#drain.isDraining };
    this.services = servicesOf(parts, { hub, outbox, streams, cluster, state });
    this.#sweeper = new Sweeper(this.services.sessions, clock);
    this.#exodus = new Exodus(clock, this.services.counters, () => parts.collectGarbage("now"));
    this.#influx = new Influx(clock, this.services.counters, () => parts.collectGarbage("beside"));
    this.#loopLag = new LoopLag(clock);
    this.#describe = selfDescription(this, { version: parts.version, lag: this.#loopLag.reader() });
    this.#drain = new Drain({
      services: this.services,
      settings: options.drain,
      hasOthers: () => cluster.hasOthers,
      stopping: () => cluster.nodes.announce(),
      draining: () => this.#mqtt?.stopListening(),
      quiesce: () => streams.quiesce(),
      pendingRequests: () => this.#server?.pendingRequests ?? 0,
    });
    revocations.listen(() => this.#closeRevoked());
  }

  /** Where it listens, for people and for tests on a free port. */
  get url(): string {
    if (this.#server === undefined) throw new Error("the gateway does not listen");
    return this.#server.url.href;
  }

  /** Undefined where it is switched off. */
  get mqtt(): MqttServer | undefined {
    return this.#mqtt;
  }

  /** Ports on which it takes MQTT. */
  get mqttPorts(): MqttPorts {
    return this.#mqttPorts;
  }

  /**
   * Sends the clients elsewhere, waits until they left or the deadline is near, stores what is under way and ends.
   * Resolves when everything is closed.
   */
  async stop(): Promise<void> {
    this.#sys?.stop();
    await this.#drain.run();
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#sys?.stop();
    await this.#mqtt?.close();
    this.#stopTrimming?.();
    this.#sweeper.stop();
    this.#exodus.stop();
    this.#influx.stop();
    this.#loopLag.stop();
    await this.#server?.stop(true);
    await this.streams.close();
    await this.cluster.close();
  }

  async #prepare(): Promise<void> {
    try {
      await this.services.authenticator.prepare();
      await this.cluster.prepare();
      const { pages, random, version } = this.#parts;
      const metrics = this.options.observe.metrics ? this.#metrics(version) : undefined;
      if (this.options.mqtt.enabled) this.#mqtt = await openMqtt(this, this.#parts);
      this.#server = listen(this, { pages, random, metrics });
      if (this.#mqtt !== undefined) this.#openMqttPorts(this.#mqtt, version);
      await this.cluster.nodes.start();
    } catch (error) {
      await this.#end();
      throw error;
    }
    this.#trimLater();
  }

  #openMqttPorts(mqtt: MqttServer, version: string): void {
    const { services, options } = this;
    this.#mqttPorts = listenMqtt(mqtt, this.#parts);
    const figures = figuresOf(this, version, services.clock.now());
    this.#sys = new SysTopics({ services, interval: options.mqtt.sysInterval, figures });
  }

  #metrics(version: string): () => Promise<string> {
    const { sessions, hub, counters } = this.services;
    const registry = createMetrics({
      sessions: () => sessions.size,
      groups: () => hub.groups,
      asked: hub.asked,
      refused: () => this.admission.refused,
      counters,
      flush: this.flusher.counters,
      streams: this.streams.all,
      loopLag: this.#loopLag.reader(),
      cluster: this.cluster,
      version,
    });
    return () => registry.metrics();
  }

  #publish(group: string, frame: string | Uint8Array): void {
    this.#server?.publish(group, frame, this.options.websocket.compression && isWorthCompressing(frame));
  }

  #trimLater(): void {
    this.#stopTrimming = this.#parts.clock.after(TRIM_INTERVAL, () => {
      this.streams
        .trim(this.cluster.isEldest)
        .catch((error: unknown) => this.#parts.logger.warn({ err: error }, "retention could not be applied"))
        .finally(() => this.#trimLater());
    });
  }

  #closeAll(why: string): void {
    for (const session of [...this.services.sessions]) session.close("internal", why);
  }

  #closeRevoked(): void {
    const { sessions, revocations } = this.services;
    for (const session of [...sessions])
      if (session.open !== undefined && revocations.isRevoked(session.open.identity))
        session.close("revoked", "the user, token or key was revoked");
  }
}
