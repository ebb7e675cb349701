import { namespaceOf, type Subprotocol } from "@tidegate/protocol";
import { pino } from "pino";
import { MemoryPresence } from "../../src/adapters/memory/presence.ts";
import { Permissions, Revocations, type Authenticator, type Identity } from "../../src/auth/index.ts";
import { Flusher } from "../../src/delivery/flusher.ts";
import { Hub } from "../../src/delivery/hub.ts";
import { Appender, type AppenderSettings } from "../../src/log/appender.ts";
import { follow, type Stream } from "../../src/log/stream.ts";
import { loadOptions, type NamespaceSettings } from "../../src/options/index.ts";
import { Audience } from "../../src/presence/audience.ts";
import { Outbox } from "../../src/session/outbox.ts";
import { newCounters, type Services, type SessionLimits } from "../../src/session/services.ts";
import { SessionTable } from "../../src/session/table.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { Client } from "./client.ts";
import { GatedLog } from "./gated-log.ts";
import { Net } from "./wire.ts";

export interface StageSettings {
  readonly limits?: Partial<SessionLimits>;
  readonly defaults?: Partial<NamespaceSettings>;
  /** Namespaces with settings of their own; those named "other…" are in a second log. */
  readonly namespaces?: Readonly<Record<string, Partial<NamespaceSettings>>>;
  readonly appender?: Partial<AppenderSettings>;
  readonly maxDelay?: number;
  readonly authenticator?: Authenticator;
}

const DEFAULTS: NamespaceSettings = loadOptions({ env: {}, flags: {} }).namespaceDefaults;

const LIMITS: SessionLimits = {
  connectTimeout: 10_000,
  maxSubscriptions: 1000,
  perUser: 0,
  publishRate: 0,
  publishBurst: 100,
  maxBuffered: 100_000,
  ping: 25,
  graceAfterExpiry: 1000,
};

const APPENDER: AppenderSettings = {
  commitDelay: 0,
  commitMessages: 1000,
  queueMessages: 1000,
  queueBytes: 10_000_000,
};

/** Everything between a connection and a log on a clock that the test moves. */
export class Stage {
  readonly clock = new FakeClock();
  readonly net = new Net();
  readonly log: GatedLog;
  /** Of the namespaces that begin with "other". */
  readonly otherLog: GatedLog;
  readonly stream: Stream;
  readonly flusher: Flusher;
  readonly hub: Hub;
  readonly services: Services;
  draining = false;
  readonly #settings: StageSettings;
  readonly #otherStream: Stream;

  constructor(settings: StageSettings = {}) {
    this.#settings = settings;
    this.flusher = new Flusher(this.clock, this.net, settings.maxDelay ?? 5);
    this.hub = new Hub(this.flusher, this.settingsOf, (namespace) => this.streamOf(namespace));
    this.services = this.#services();
    this.log = this.#log("e1");
    this.otherLog = this.#log("e2");
    this.stream = this.#stream(this.log);
    this.#otherStream = this.#stream(this.otherLog);
  }

  settingsOf = (namespace: string): NamespaceSettings => ({
    ...DEFAULTS,
    ...this.#settings.defaults,
    ...this.#settings.namespaces?.[namespace],
  });

  streamOf(namespace: string): Stream {
    return namespace.startsWith("other") ? this.#otherStream : this.stream;
  }

  /** A connection that has said nothing yet. */
  client(subprotocol: Subprotocol = "tidegate.v1.json"): Client {
    return new Client(this, subprotocol);
  }

  /** A connection that is let in; without a token as somebody who may do everything. */
  async connected(token?: string, subprotocol?: Subprotocol): Promise<Client> {
    const client = this.client(subprotocol);
    client.do({ connect: token === undefined ? {} : { token } });
    await this.settle();
    client.takeAll();
    return client;
  }

  /** Ends turns and lets promises run until nothing is left to do; the time stands still. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 3; idle++) {
      if (this.clock.turnTasks > 0) idle = 0;
      this.clock.settle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async advance(ms: number): Promise<void> {
    await this.settle();
    this.clock.advance(ms);
    await this.settle();
  }

  #log(epoch: string): GatedLog {
    const retention = (topic: string) => {
      const { history, messageIdWindow } = this.settingsOf(namespaceOf(topic));
      return { size: history.size, age: history.age, idWindow: messageIdWindow };
    };
    return new GatedLog({ clock: this.clock, epoch, retention, maxBytes: 100_000_000 });
  }

  #stream(log: GatedLog): Stream {
    const settings = { ...APPENDER, ...this.#settings.appender };
    const appender = new Appender(log, this.clock, settings, () => this.services.outbox.flush());
    const stream: Stream = { log, appender, dispatched: 0, received: 0 };
    follow(stream, this.hub.messages);
    return stream;
  }

  #services(): Services {
    const { clock, hub } = this;
    const presence = new MemoryPresence({ clock });
    const maxBuffered = 100_000;
    return {
      nodeId: "n",
      clock,
      logger: pino({ level: "silent" }),
      authenticator: this.#settings.authenticator ?? everybody,
      revocations: new Revocations({ clock }),
      namespaces: (name) => (name === "secret" ? undefined : this.settingsOf(name)),
      label: (name) => (name === "chat" ? name : "other"),
      streamOf: (namespace) => this.streamOf(namespace),
      hub,
      presence,
      audience: new Audience(presence, { clock, maxBuffered, maxMembers: () => 100 }),
      outbox: new Outbox(),
      sessions: new SessionTable(),
      limits: { ...LIMITS, ...this.#settings.limits },
      counters: newCounters(),
      isStopping: () => this.draining,
      isDraining: () => this.draining,
    };
  }
}

/** Somebody with a name and patterns; without a name an anonymous client. */
export function identity(user: string | undefined, more: Partial<Identity> = {}, patterns = ["#"]): Identity {
  const grants = { publish: patterns, subscribe: patterns, admin: false, wildcardsReachUsers: false, ownTopic: true };
  return {
    user,
    kind: user === undefined ? "anonymous" : "user",
    keyName: undefined,
    issued: undefined,
    expires: undefined,
    tokenId: undefined,
    info: undefined,
    permissions: new Permissions(grants),
    ...more,
  };
}

/** A connect command has no password. */
export function noPasswords(): never {
  throw new Error("nobody signs in with a password here");
}

/** Lets everybody in, as the user that the token names. */
const everybody: Authenticator = {
  authenticate: (token) => identity(token, {}, token === undefined ? ["#", "user/#"] : ["#"]),
  signIn: noPasswords,
  prepare: () => Promise.resolve(),
};
