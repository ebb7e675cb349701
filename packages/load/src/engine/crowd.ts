import { markNumber, markPublisher, markTime } from "../wire/mark.ts";
import type { Histogram } from "../measure/histogram.ts";
import type { Stopwatch } from "../measure/stopwatch.ts";
import type { Counters } from "./counters.ts";
import type { Driver } from "./driver.ts";
import { type Endpoint, endpointOf, sourceOf } from "./endpoint.ts";
import { Ledger, UNKNOWN } from "./ledger.ts";
import { Member, SOCKET_EVENTS } from "./member.ts";
import type { Plan, PopulationPlan } from "./plan.ts";
import { seededRandom } from "./random.ts";
import type { Wheel } from "./wheel.ts";

/** What an agent's crowds share. */
export interface Surroundings {
  readonly plan: Plan;
  /** Number of this agent, and how many there are. */
  readonly agent: number;
  readonly agents: number;
  readonly clock: Stopwatch;
  readonly counters: Counters;
  readonly wheel: Wheel;
  /** Whether any agent may have published before now. */
  anyPublished(): boolean;
  /** Where a message that was due at the moment is counted. */
  phaseHistogram(due: number): Histogram;
}

/** Failed attempts in a row wait longer each, up to this many times the scenario's `reconnect`. */
const MAX_BACKOFF = 10;

/** The members of one population that are in this agent. */
export class Crowd {
  readonly members: readonly Member[];
  readonly plan: PopulationPlan;
  readonly counters: Counters;
  readonly driver: Driver;
  readonly ledger: Ledger;
  readonly around: Surroundings;
  /** Numbers of the last messages, and their due moments, of the streams that are published here. */
  readonly sent: Uint32Array;
  readonly lastDue: Float64Array;
  readyCount = 0;
  /** Connections that are being set up. */
  connecting = 0;
  readonly #endpoints: readonly Endpoint[];
  readonly #random: () => number;
  readonly #local = new Map<number, number>();
  #failures = 0;
  /** Called when a member is ready, and at each acknowledgement: the closed loop. */
  onReady: ((member: Member) => void) | undefined;
  onAck: ((member: Member) => void) | undefined;

  constructor(plan: PopulationPlan, around: Surroundings, driver: (crowd: Crowd) => Driver) {
    this.plan = plan;
    this.around = around;
    this.counters = around.counters;
    this.#endpoints = plan.urls.map((url) => endpointOf(url, plan.protocol));
    this.#random = seededRandom(around.plan.scenario.seed * 1009 + plan.index * 101 + around.agent);
    this.members = this.#makeMembers();
    const own = this.members.length * (plan.publishes?.each ?? 0);
    this.sent = new Uint32Array(own);
    this.lastDue = new Float64Array(own);
    for (let i = 0; i < own; i++) this.#local.set(this.streamOf(i), i);
    this.ledger = new Ledger(this.#subscribed(), around.plan.scenario.limits.delayedAfter * 1000);
    this.driver = driver(this);
  }

  /** The stream of the entry `member.local * each + k` of `sent`. */
  streamOf(entry: number): number {
    const { publishes } = this.plan;
    if (publishes === undefined) return 0;
    const member = this.members[Math.floor(entry / publishes.each)]!;
    return publishes.streams[member.number * publishes.each + (entry % publishes.each)]!;
  }

  /** What a stream of this crowd has sent; undefined if it is of another. */
  sentOf(stream: number): number | undefined {
    const entry = this.#local.get(stream);
    return entry === undefined ? undefined : this.sent[entry];
  }

  random(): number {
    return this.#random();
  }

  /** Begins to connect; the member becomes ready or fails. */
  connect(member: Member, due: number): void {
    if (member.state !== "away") return;
    member.state = "connecting";
    member.due = due;
    this.connecting += 1;
    this.dial(member);
  }

  /** Makes a TCP connection for the member; its driver begins on it. */
  dial(member: Member): void {
    const endpoint = this.endpointOf(member);
    const localAddress = sourceOf(endpoint, member.number, this.around.plan.scenario.agents.sources);
    const options = {
      hostname: endpoint.hostname,
      port: endpoint.port,
      data: member,
      socket: SOCKET_EVENTS,
      ...(endpoint.secure ? { tls: { rejectUnauthorized: !this.around.plan.scenario.target.insecure } } : {}),
      // Bun takes it, its types do not name it yet.
      ...(localAddress === undefined ? {} : { localAddress }),
    };
    Bun.connect<Member>(options).catch((error: unknown) => {
      if (member.state !== "away" && member.socket === undefined) member.fail("refused", String(error));
    });
  }

  endpointOf(member: Member): Endpoint {
    return this.#endpoints[member.number % this.#endpoints.length]!;
  }

  /** Topic `k` that the member subscribes to; undefined when it has no more. */
  topicOf(member: Member, k: number): string | undefined {
    const { subscribes } = this.plan;
    if (subscribes === undefined || k >= subscribes.each) return undefined;
    return this.around.plan.topics[subscribes.topics[member.number * subscribes.each + k]!]?.name;
  }

  /** The driver has set it up: connected and subscribed. */
  ready(member: Member): void {
    const now = this.around.clock.micros();
    member.state = "ready";
    this.connecting -= 1;
    this.readyCount += 1;
    this.#failures = 0;
    this.counters.opened += 1;
    this.counters.connect.record(now - member.due);
    this.#eachSubscription(member, (subscription) => this.ledger.stands(subscription, now, this.#floorOf));
    this.onReady?.(member);
  }

  /** A ready member's connection is over. */
  left(member: Member): void {
    this.readyCount -= 1;
    this.#eachSubscription(member, (subscription) => this.ledger.falls(subscription));
    if (member.unanswered !== undefined && member.unanswered.size > 0) {
      for (let i = member.unanswered.size; i > 0; i--) this.counters.error("unanswered", "the connection ended first");
      member.unanswered.clear();
    }
  }

  failed(member: Member, kind: string, text: string): void {
    if (kind.startsWith("set-up")) this.connecting -= 1;
    this.counters.error(kind, `${this.plan.spec.name} ${member.number}: ${text}`);
    this.#failures = Math.min(MAX_BACKOFF, this.#failures + 1);
    if (member.wanted) this.#comeBack(member);
  }

  /** Sends a member's next message, due at the moment. */
  publish(member: Member, due: number): void {
    const { publishes, spec } = this.plan;
    if (publishes === undefined || spec.publish === undefined) return;
    this.counters.attempted += 1;
    if (member.state !== "ready") return this.counters.error("not connected", `${spec.name} ${member.number}`);
    if (member.full)
      return this.counters.error("not read", `${spec.name} ${member.number}: the server reads too slowly`);
    const k = member.ids % publishes.each;
    const entry = member.local * publishes.each + k;
    const at = member.number * publishes.each + k;
    const number = ++this.sent[entry]!;
    this.lastDue[entry] = due;
    const id = ++member.ids;
    if (this.driver.acknowledges) (member.unanswered ??= new Map()).set(id, due);
    this.counters.sent += 1;
    const { min, max } = spec.publish.bytes;
    const bytes = min === max ? min : min + Math.floor(this.#random() * (max - min + 1));
    const topic = this.around.plan.topics[publishes.topics[at]!]!.name;
    this.driver.publish(member, id, topic, { stream: publishes.streams[at]!, number, due, bytes });
  }

  acked(member: Member, id: number): void {
    const due = member.unanswered?.get(id);
    if (due === undefined) return this.counters.error("answer", `an answer to ${id}, which waits for none`);
    member.unanswered?.delete(id);
    this.counters.acked += 1;
    const latency = this.around.clock.micros() - due;
    this.counters.ack.record(latency);
    if (!this.around.plan.hears) this.around.phaseHistogram(due).record(latency);
    this.onAck?.(member);
  }

  /** The server refused a publish or said something is wrong. */
  refused(member: Member, kind: string, text: string, id?: number): void {
    this.counters.error(kind, `${this.plan.spec.name} ${member.number}: ${text}`);
    if (id === undefined || member.unanswered?.delete(id) !== true) return;
    this.onAck?.(member);
  }

  /** A message with a mark at `bytes[mark]` came. */
  delivered(member: Member, bytes: Uint8Array, mark: number, now: number): void {
    const stream = markPublisher(bytes, mark);
    const number = markNumber(bytes, mark);
    const due = markTime(bytes, mark);
    if (!(number > 0 && due >= 0)) return this.counters.error("mark", "a mark that is no mark");
    const latency = now - due;
    this.counters.delivered += 1;
    this.counters.latency.record(latency);
    this.around.phaseHistogram(due).record(latency);
    const each = this.plan.subscribes?.each ?? 0;
    const first = member.local * each;
    for (let subscription = first; subscription < first + each; subscription++)
      if (this.ledger.hears(subscription, stream)) return this.ledger.note(subscription, stream, number, latency);
    this.ledger.foreign(first, stream, number);
  }

  /** Slow readers: what was taken must be followed by a pause. */
  took(member: Member, bytes: number): void {
    this.counters.bytesIn += bytes;
    const rate = this.plan.spec.readRate;
    if (rate === undefined || member.state !== "ready") return;
    const perSecond = rate.min + this.#random() * (rate.max - rate.min);
    const { socket } = member;
    socket?.pause();
    this.around.wheel.at(this.around.clock.micros() + (bytes / Math.max(1, perSecond)) * 1e6, () => socket?.resume());
  }

  #comeBack(member: Member): void {
    const { clock, wheel } = this.around;
    const due = clock.micros() + this.#random() * this.plan.spec.reconnect * 1000 * this.#failures;
    wheel.at(due, () => {
      if (member.wanted) this.connect(member, due);
    });
  }

  readonly #floorOf = (stream: number): number => {
    if (!this.around.anyPublished()) return 0;
    return this.sentOf(stream) ?? UNKNOWN;
  };

  #eachSubscription(member: Member, use: (subscription: number) => void): void {
    const each = this.plan.subscribes?.each ?? 0;
    for (let k = 0; k < each; k++) use(member.local * each + k);
  }

  #makeMembers(): Member[] {
    const { agent, agents } = this.around;
    const members: Member[] = [];
    for (let number = agent; number < this.plan.spec.count; number += agents)
      members.push(new Member(this, number, members.length));
    return members;
  }

  #subscribed(): { readonly firstStream: number; readonly streams: number }[] {
    const { subscribes } = this.plan;
    if (subscribes === undefined) return [];
    const { each, topics } = subscribes;
    return this.members.flatMap(({ number }) =>
      Array.from({ length: each }, (_, k) => this.around.plan.topics[topics[number * each + k]!]!),
    );
  }
}
