import type { Server } from "bun";
import { authSettings, createAuthenticator } from "../auth/index.ts";
import type { Cancel } from "../clock.ts";
import type { NodeView } from "../cluster/nodes.ts";
import { Flusher } from "../delivery/flusher.ts";
import { Hub } from "../delivery/hub.ts";
import { Interests } from "../delivery/interests.ts";
import { LoopLag } from "../observe/loop-lag.ts";
import { namespacePolicy, type Options } from "../options/index.ts";
import { Outbox } from "../session/outbox.ts";
import type { Services } from "../session/services.ts";
import { Sweeper } from "../session/sweeper.ts";
import { SessionTable } from "../session/table.ts";
import { Admission } from "../transport/admission.ts";
import { isWorthCompressing } from "../transport/websocket/compressed.ts";
import type { MqttServer } from "../transport/mqtt/server.ts";
import type { SocketData } from "../transport/websocket/handler.ts";
import { closeAll, closeRevoked } from "./close-sessions.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { Drain } from "./drain.ts";
import { watchExodus } from "./exodus.ts";
import { publishFigures } from "./figures.ts";
import { watchInflux } from "./influx.ts";
import { listen } from "./listen.ts";
import { metricsOf } from "./metrics.ts";
import { listenMqtt, type MqttPorts, openMqtt } from "./mqtt.ts";
import type { GatewayParts } from "./parts.ts";
import { startRetention } from "./retention.ts";
import { selfDescription } from "./self.ts";
import { servicesOf } from "./services.ts";
import { Streams } from "./streams.ts";

interface Opened {
  readonly flusher: Flusher;
  readonly hub: Hub;
  readonly outbox: Outbox;
  readonly sessions: SessionTable;
  readonly streams: Streams;
  readonly cluster: Cluster;
}

/** One running node: everything between its listening socket and its logs. */
export class Gateway {
  readonly options: Options;
  readonly services: Services;
  readonly streams: Streams;
  readonly cluster: Cluster;
  readonly admission: Admission;
  readonly flusher: Flusher;
  readonly #parts: GatewayParts;
  readonly #drain: Drain;
  readonly #loopLag: LoopLag;
  readonly #describe: () => NodeView;
  #server: Server<SocketData> | undefined;
  #mqtt: MqttServer | undefined;
  #mqttPorts: MqttPorts = { plain: undefined, secure: undefined };
  #stopFigures: Cancel = () => {};
  /** Ends what goes on beside the messages. */
  readonly #stops: Cancel[] = [];

  /** Opens the logs, checks the keys and listens. Rejects with a sentence for the operator. */
  static async start(parts: GatewayParts): Promise<Gateway> {
    const { options, clock } = parts;
    const outbox = new Outbox();
    const sessions = new SessionTable();
    // The hub needs the streams for positions, the streams the hub to deliver: the hub gets them by a late look-up.
    const placeOf = (filter: string) => gateway.streams.placeOf(filter);
    const fanout = { publish: (group: string, frame: string | Uint8Array) => gateway.#publish(group, frame) };
    const flusher = new Flusher(clock, fanout, options.delivery.maxDelay);
    const interests = new Interests(clock, (filter) => gateway.streams.holding(filter));
    const hub = new Hub(flusher, namespacePolicy(options), placeOf, options.log.url && interests);
    const streams = await Streams.open({
      ...parts,
      deliver: hub.messages,
      answered: () => outbox.flush(),
      // Whatever a client holds, a position or a place in a log, is of the one that was lost: it comes again, and is told.
      ending: () => closeAll(sessions, "the log was lost and made anew; connect again"),
      renewed: (stream) => interests.renew(stream),
    });
    const cluster = await openCluster(parts, () => gateway.#describe()).catch(async (error: unknown) => {
      await streams.close();
      throw error;
    });
    const gateway: Gateway = new Gateway(parts, { flusher, hub, outbox, sessions, streams, cluster });
    await gateway.#prepare();
    return gateway;
  }

  private constructor(parts: GatewayParts, { flusher, hub, outbox, sessions, streams, cluster }: Opened) {
    const { options, clock, logger, fetch, revocations } = parts;
    this.#parts = parts;
    this.options = options;
    this.streams = streams;
    this.flusher = flusher;
    this.admission = new Admission(options.connections, clock);
    this.cluster = cluster;
    this.services = servicesOf(options, {
      nodeId: cluster.nodes.self,
      clock,
      logger,
      authenticator: createAuthenticator(authSettings(options), { clock, fetch, logger, revocations }),
      revocations,
      streamOf: streams.of,
      hub,
      presence: cluster.presence,
      outbox,
      sessions,
      isStopping: () => this.#drain.isStopping,
      isDraining: () => this.#drain.isDraining,
    });
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
    this.#stops.push(...this.#startWatching());
  }

  /** Starts what goes on beside the messages. Returns what ends it. */
  #startWatching(): readonly Cancel[] {
    const { clock, revocations, collectGarbage } = this.#parts;
    const { sessions, counters } = this.services;
    const sweeper = new Sweeper(sessions, clock);
    return [
      () => sweeper.stop(),
      () => this.#loopLag.stop(),
      watchExodus(clock, counters, () => collectGarbage("now")),
      watchInflux(clock, counters, () => collectGarbage("beside")),
      revocations.listen(() => closeRevoked(this.services)),
    ];
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
    this.#stopFigures();
    await this.#drain.run();
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#stopFigures();
    await this.#mqtt?.close();
    for (const stop of this.#stops) stop();
    await this.#server?.stop(true);
    await this.streams.close();
    await this.cluster.close();
  }

  async #prepare(): Promise<void> {
    try {
      await this.services.authenticator.prepare();
      await this.cluster.prepare();
      const { pages, random, version } = this.#parts;
      const lag = this.#loopLag.reader();
      const metrics = this.options.observe.metrics ? metricsOf(this, { version, lag }) : undefined;
      if (this.options.mqtt.enabled) this.#mqtt = await openMqtt(this, this.#parts);
      this.#server = listen(this, { pages, random, metrics });
      if (this.#mqtt !== undefined) {
        this.#mqttPorts = listenMqtt(this.#mqtt, this.#parts);
        this.#stopFigures = publishFigures(this, version);
      }
      await this.cluster.nodes.start();
    } catch (error) {
      await this.#end();
      throw error;
    }
    this.#stops.push(startRetention(this.#parts, () => this.streams.trim(this.cluster.isEldest)));
  }

  #publish(group: string, frame: string | Uint8Array): void {
    this.#server?.publish(group, frame, this.options.websocket.compression && isWorthCompressing(frame));
  }
}
