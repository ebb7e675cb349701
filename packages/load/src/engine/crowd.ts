import type { Histogram } from "../measure/histogram.ts";
import type { Stopwatch } from "../measure/stopwatch.ts";
import type { Counters } from "./counters.ts";
import { dial } from "./dial.ts";
import type { Driver } from "./driver.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import { Hearing } from "./hearing.ts";
import { Member } from "./member.ts";
import type { Plan, PopulationPlan } from "./plan.ts";
import { Publishing } from "./publishing.ts";
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

/** Failed attempts of a member in a row wait longer each, up to this many times the scenario's `reconnect`. */
const MAX_BACKOFF = 10;

/** The members of one population that are in this agent: how they come, stay and leave. */
export class Crowd {
  readonly members: readonly Member[];
  readonly plan: PopulationPlan;
  readonly counters: Counters;
  readonly driver: Driver;
  readonly around: Surroundings;
  readonly publishing: Publishing;
  readonly hearing: Hearing;
  readyCount = 0;
  /** Connections that are being set up. */
  connecting = 0;
  readonly #endpoints: readonly Endpoint[];
  readonly #random: () => number;
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
    this.publishing = new Publishing(this);
    this.hearing = new Hearing(this);
    this.driver = driver(this);
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

  /** Makes a connection for the member; its driver begins on it. */
  dial(member: Member): void {
    const { agents, target } = this.around.plan.scenario;
    dial(member, this.endpointOf(member), { sources: agents.sources, insecure: target.insecure });
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
    member.failures = 0;
    member.active = true;
    this.counters.opened += 1;
    this.counters.connect.record(now - member.due);
    this.hearing.stands(member, now, (stream) => this.publishing.sentOf(stream));
    this.onReady?.(member);
  }

  /** A member's connection is over, or the attempt at one. */
  left(member: Member, before: "connecting" | "ready"): void {
    if (before === "connecting") {
      this.connecting -= 1;
      return;
    }
    this.readyCount -= 1;
    this.hearing.falls(member);
    this.publishing.abandon(member);
  }

  failed(member: Member, kind: string, text: string): void {
    if (kind.startsWith("set-up")) member.failures = Math.min(MAX_BACKOFF, member.failures + 1);
    this.counters.error(kind, `${this.plan.spec.name} ${member.number}: ${text}`);
    if (member.wanted) this.#comeBack(member);
  }

  acked(member: Member, id: number): void {
    if (this.publishing.acked(member, id)) this.onAck?.(member);
  }

  /** The server refused a publish or said something is wrong. */
  refused(member: Member, kind: string, text: string, id?: number): void {
    this.counters.error(kind, `${this.plan.spec.name} ${member.number}: ${text}`);
    if (id === undefined || member.unanswered?.delete(id) !== true) return;
    this.onAck?.(member);
  }

  /** A message with a mark at `bytes[mark]` came. `place` grows with each message of its topic; NaN if it is not known. */
  delivered(member: Member, bytes: Uint8Array, mark: number, now: number, place = Number.NaN): void {
    this.hearing.delivered(member, bytes, mark, now, place);
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
    const within = this.plan.spec.reconnect * Math.max(1, member.failures);
    const due = clock.micros() + this.#random() * within * 1000;
    wheel.at(due, () => {
      if (member.wanted) this.connect(member, due);
    });
  }

  #makeMembers(): Member[] {
    const { agent, agents } = this.around;
    const members: Member[] = [];
    for (let number = agent; number < this.plan.spec.count; number += agents)
      members.push(new Member(this, number, members.length));
    return members;
  }
}
