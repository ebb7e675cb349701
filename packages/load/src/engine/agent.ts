import { driverOf } from "../drivers/driver-of.ts";
import { Histogram } from "../measure/histogram.ts";
import type { RunClock } from "./clock.ts";
import { Comings } from "./comings.ts";
import { Counters } from "./counters.ts";
import { Crowd } from "./crowd.ts";
import type { StreamEnd } from "./ledger.ts";
import type { Order, Report, StreamSent } from "./orders.ts";
import { Phases } from "./phases.ts";
import { makePlan, type Plan } from "./plan.ts";
import { Schedules } from "./schedules.ts";
import { Self } from "./self.ts";
import { Wheel } from "./wheel.ts";

/** Microseconds after which a connection that is not ready is given up. */
const SETUP_LIMIT = 30_000_000;

const SILENT: StreamEnd = { sent: 0, last: 0 };

/** The part of a load that one process makes: it does what it is told, when it is told, and counts. */
export class LoadAgent {
  readonly #clock: RunClock;
  readonly #report: (report: Report) => void;
  readonly #counters = new Counters();
  readonly #wheel = new Wheel();
  readonly #phases = new Phases();
  readonly #late = new Histogram();
  readonly #self: Self;
  readonly #plan: Plan;
  readonly #crowds: readonly Crowd[];
  readonly #comings: Comings;
  readonly #schedules: Schedules;
  #timer: ReturnType<typeof setInterval> | undefined;
  #published = false;
  #second = -1;
  #pending: { readonly at: number; readonly act: () => void }[] = [];

  constructor(order: Order & { readonly order: "prepare" }, clock: RunClock, report: (report: Report) => void) {
    const { scenario, agent, agents } = order;
    this.#clock = clock;
    this.#report = report;
    this.#plan = makePlan(scenario);
    this.#self = new Self(() => clock.own());
    const around = {
      ...{ plan: this.#plan, agent, agents, clock, counters: this.#counters, wheel: this.#wheel },
      anyPublished: () => this.#published,
      phaseHistogram: (due: number) => this.#phases.of(due),
    };
    this.#crowds = this.#plan.populations.map((population) => new Crowd(population, around, driverOf));
    this.#comings = new Comings(this.#crowds);
    this.#schedules = new Schedules(this.#crowds, clock, this.#late, (agent + 1) / agents);
  }

  start(): void {
    this.#schedules.beat(this.#clock.micros());
    this.#timer = setInterval(() => this.tick(), 1);
  }

  /** Ends everything at once. */
  stop(): void {
    clearInterval(this.#timer);
    for (const { members } of this.#crowds)
      for (const member of members) {
        member.wanted = false;
        member.close();
      }
  }

  take(order: Order): void {
    switch (order.order) {
      case "connect":
        return this.#comings.aim(order.targets, order.at, order.over);
      case "load":
        return this.#at(order.at, () => this.#load(order.share, order.at));
      case "storm":
        return this.#at(order.at, () => this.#storm(order.drop, order.at, order.back));
      case "phase":
        return this.#phases.begin(order.at);
      case "ready":
        return this.#report({ report: "ready", ...this.#connections() });
      case "sent":
        return this.#sent();
      case "judge":
        return this.#judge(order.streams, order.final);
      case "close":
        return this.#close();
      case "clock":
      case "prepare":
        return;
    }
  }

  /** The timer's task, each millisecond. */
  tick(): void {
    const now = this.#clock.micros();
    this.#self.tick(this.#clock.own());
    const acts = this.#pending.filter(({ at }) => at <= now);
    if (acts.length > 0) this.#pending = this.#pending.filter(({ at }) => at > now);
    for (const { act } of acts) act();
    this.#wheel.turn(now);
    this.#comings.turn(now);
    this.#schedules.tick();
    this.#tellSecond(now);
  }

  #at(at: number, act: () => void): void {
    this.#pending.push({ at, act });
  }

  #load(share: number, at: number): void {
    if (share > 0) this.#published = true;
    this.#schedules.load(share, at);
  }

  #storm(drop: number, at: number, back: number): void {
    const cut = this.#crowds.flatMap(({ members }) => {
      const wanted = members.filter((member) => member.wanted);
      return wanted.slice(0, Math.round(wanted.length * drop));
    });
    this.#comings.cut(cut, at, back);
  }

  /** Also what is due of seconds in which the process did not get to it. */
  #tellSecond(now: number): void {
    const second = Math.floor(now / 1e6);
    if (second <= this.#second) return;
    if (this.#second >= 0) this.#tell(second - 1);
    this.#second = second;
    this.#giveUp(now);
  }

  #tell(t: number): void {
    const { connections, wanted } = this.#connections();
    const sample = this.#self.sample(this.#late, connections);
    this.#report({ report: "second", t, connections, wanted, counters: this.#counters.take(), sample });
  }

  #connections(): { readonly connections: number; readonly wanted: number } {
    let connections = 0;
    let wanted = 0;
    for (const { readyCount, members } of this.#crowds) {
      connections += readyCount;
      for (const member of members) if (member.wanted) wanted += 1;
    }
    // Who is due and has not begun is wanted, too.
    return { connections, wanted: wanted + this.#comings.waiting };
  }

  #giveUp(now: number): void {
    for (const { members, connecting } of this.#crowds)
      if (connecting > 0)
        for (const member of members)
          if (member.state === "connecting" && now - member.due > SETUP_LIMIT)
            member.fail("timeout", `not ready after ${SETUP_LIMIT / 1e6} s`);
  }

  #judge(streams: readonly StreamSent[], final: boolean): void {
    const ends = new Map(streams.map(([stream, sent, last]) => [stream, { sent, last }]));
    const endOf = (stream: number): StreamEnd => ends.get(stream) ?? SILENT;
    const count = this.#crowds.reduce((sum, { hearing }) => sum + hearing.judge(endOf, final), 0);
    const correctness = this.#crowds.flatMap(({ hearing }) => hearing.correctness() ?? []);
    const latency = (this.#phases.all.at(-1) ?? new Histogram()).toData();
    this.#report({ report: "outstanding", count, correctness, latency });
  }

  #sent(): void {
    const streams = this.#crowds.flatMap(({ publishing }) => publishing.streams());
    const unanswered = this.#crowds.reduce((sum, { publishing }) => sum + publishing.unanswered(), 0);
    this.#report({ report: "sent", streams, unanswered });
  }

  #close(): void {
    this.#tell(Math.floor(this.#clock.micros() / 1e6));
    this.#comings.stop();
    this.#wheel.clear();
    this.stop();
    this.#report({ report: "closed", phases: this.#phases.all.map((histogram) => histogram.toData()) });
  }
}
