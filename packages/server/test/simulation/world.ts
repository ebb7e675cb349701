import { drainMicrotasks } from "bun:jsc";
import { namespaceOf, type Position, type Stored } from "@tidegate/protocol";
import { MemoryLog } from "../../src/adapters/memory/log.ts";
import type { Clock } from "../../src/clock.ts";
import type { Log, Retention, RetentionOf } from "../../src/log/log.ts";
import { namespaceSettings, type Options } from "../../src/options/index.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { BareClient } from "./bare-client.ts";
import { ID_WINDOW, isKept, optionsOf, type Config } from "./config.ts";
import { LifeClock } from "./life-clock.ts";
import { Line, type ClientEnd } from "./line.ts";
import { Node, type Faults } from "./node.ts";
import { Random } from "../support/random.ts";
import { SdkClient } from "./sdk-client.ts";
import { SharedStore } from "./shared-store.ts";
import { SimulatedLog } from "./simulated-log.ts";
import { simulatedAuthenticator, tokenOf } from "./tokens.ts";
import { isPlaced, Truth } from "./truth.ts";

export type OpenLog = (clock: Clock, retention: RetentionOf) => Log;

/** A gateway that runs, and its views of the logs. */
export interface Place {
  readonly node: Node;
  readonly logs: readonly SimulatedLog[];
}

/** Everything of one run: gateways that come and go, their stores, a network, clients, and one clock that is moved by hand. */
export class World {
  readonly config: Config;
  readonly random: Random;
  readonly clock = new FakeClock();
  readonly truth: Truth;
  readonly clients: BareClient[] = [];
  readonly sdkClients: SdkClient[] = [];
  readonly trace: string[] = [];
  readonly #options: Options;
  readonly #faults: Faults;
  readonly #durable: SharedStore;
  /** Of a cluster. One gateway alone loses what it has in memory. */
  readonly #memory: SharedStore | undefined;
  lines: Line[] = [];
  places: Place[] = [];
  /** Milliseconds that a new token lives; 0: for ever. */
  tokenLife: number;
  #nodes = 0;
  #broken: unknown = undefined;

  /** `durable` opens the log that survives the gateways; the one in memory does, as long as the world lasts. */
  constructor(config: Config, faults: Faults, durable?: OpenLog) {
    this.config = config;
    this.random = new Random(config.seed ^ 0x5eed);
    this.tokenLife = config.tokenLife;
    this.#options = optionsOf(config);
    this.#faults = faults;
    this.truth = new Truth(
      () => this.clock.now(),
      () => ID_WINDOW,
    );
    this.#durable = this.#shared(durable?.(this.clock, this.#retention) ?? this.#store("durable"));
    this.#memory = config.gateways > 1 ? this.#shared(this.#store("mem")) : undefined;
    this.start();
    for (let i = 0; i < config.bareClients; i++) this.clients.push(this.#client(i));
    for (let i = 0; i < config.sdkClients; i++) this.sdkClients.push(new SdkClient(this, `s${i}`, this.#user()));
  }

  /** One that runs. */
  get node(): Node | undefined {
    return this.places[0]?.node;
  }

  get logs(): readonly SimulatedLog[] {
    return this.places.flatMap(({ logs }) => logs);
  }

  note(text: string): void {
    this.trace.push(`${String(this.truth.tick).padStart(5)} ${this.clock.now() - START} ms  ${text}`);
  }

  token(user: string | undefined): string | undefined {
    if (user === undefined) return undefined;
    return tokenOf(user, this.tokenLife === 0 ? undefined : this.clock.now() + this.tokenLife);
  }

  /** A new connection; undefined if there is no gateway: the client hears of that a moment later. */
  connect(end: ClientEnd): Line | undefined {
    const { node } = this;
    if (node === undefined) {
      this.clock.after(1, () => end.closed(1006));
      return undefined;
    }
    const { capacity, tellsAtOnce } = this.config;
    const chosen = this.places.length > 1 ? this.random.pick(this.places).node : node;
    const line = new Line(end, chosen, { capacity, tellsAtOnce });
    this.lines.push(line);
    return line;
  }

  start(): void {
    while (this.places.length < this.config.gateways) this.#start();
  }

  /** A gateway is killed: all that it had in memory is gone. */
  kill(): void {
    const place = this.places.length > 1 ? this.random.pick(this.places) : this.places[0];
    if (place === undefined) return;
    const { node, logs } = place;
    this.note(`gateway ${node.parts.name} is killed`);
    node.parts.clock.kill();
    // First: nothing that still runs of it may reach a client.
    for (const line of this.lines)
      if (line.node === node && !line.server.isClosed) line.serverDies(this.random, this.clock.now());
    for (const log of logs) log.kill();
    this.places = this.places.filter((each) => each !== place);
    drainMicrotasks();
  }

  /** Everything that arrived in this turn of the event loop has been handled. */
  endTurn(): void {
    drainMicrotasks();
    for (const { node } of this.places) node.sockets.endTurn();
    this.clock.turn();
    drainMicrotasks();
  }

  /** Moves the time; each timer runs in a turn of its own. */
  advance(ms: number): void {
    const end = this.clock.now() + ms;
    this.endTurn();
    for (
      let wait = this.clock.untilNext;
      wait !== undefined && this.clock.now() + wait <= end;
      wait = this.clock.untilNext
    ) {
      this.clock.advance(wait);
      this.endTurn();
    }
    this.clock.advance(end - this.clock.now());
    this.endTurn();
  }

  /** For what the SDK calls: it would take what is thrown for a fault of its user. */
  guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#broken ??= error;
    }
  }

  /** Throws what `guard` kept. */
  check(): void {
    if (this.#broken !== undefined) throw this.#broken as Error;
  }

  /** Lets go of connections that are over at both ends. */
  sweep(): void {
    this.lines = this.lines.filter((line) => !line.isOver);
  }

  /** Whether a subscription since a position must recover: nothing of its topics is ever removed. */
  mustRecover(filter: string, since: Position | undefined): boolean {
    if (!isPlaced(filter) || since === undefined || this.node === undefined) return false;
    return isKept(filter) && since.epoch === this.node.epochOf(filter);
  }

  #client(index: number): BareClient {
    const subprotocol = this.random.chance(0.7) ? "tidegate.v1.json" : "tidegate.v1.proto";
    return new BareClient(this, `c${index}`, this.#user(), subprotocol);
  }

  #user(): string | undefined {
    return this.random.chance(0.7) ? `u${this.random.int(0, 1)}` : undefined;
  }

  #store(epoch: string): Log {
    return new MemoryLog({ clock: this.clock, epoch, retention: this.#retention, maxBytes: 100_000_000 });
  }

  #start(): void {
    const name = `n${++this.#nodes}`;
    const clock = new LifeClock(this.clock);
    const stores = [this.#durable, this.#memory ?? this.#shared(this.#store(`mem${this.#nodes}`))];
    const logs = stores.map((store) => new SimulatedLog(store, this.config.log, this.random));
    const [durable, memory] = logs as [SimulatedLog, SimulatedLog];
    const authenticator = simulatedAuthenticator(clock, this.random);
    this.truth.tick++;
    const node = new Node({
      name,
      options: this.#options,
      clock,
      authenticator,
      durable,
      memory,
      faults: this.#faults,
      crowd: { topics: this.config.topics, size: this.config.crowd },
    });
    this.places.push({ node, logs });
    this.note(`gateway ${name} starts`);
  }

  #shared(log: Log): SharedStore {
    return new SharedStore(log, (batch) => this.#stored(log.epoch, batch));
  }

  #stored(epoch: string, batch: readonly Stored[]): void {
    this.truth.stored(epoch, batch);
    for (const { offset, message } of batch)
      this.note(`${epoch} stores ${message.topic} ${offset} ${message.payload.text.slice(0, 8)}`);
  }

  #retention = (topic: string): Retention => {
    const { history, messageIdWindow } =
      namespaceSettings(this.#options)(namespaceOf(topic)) ?? this.#options.namespaceDefaults;
    return { size: history.size, age: history.age, idWindow: messageIdWindow };
  };
}

const START = new FakeClock().now();
