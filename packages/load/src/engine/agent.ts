import { driverOf } from "../drivers/driver-of.ts";
import { Histogram } from "../measure/histogram.ts";
import type { Correctness } from "../result/types.ts";
import type { RunClock } from "./clock.ts";
import { ClosedLoop } from "./closed-loop.ts";
import { Comings } from "./comings.ts";
import { Counters } from "./counters.ts";
import { Crowd } from "./crowd.ts";
import type { StreamEnd } from "./ledger.ts";
import type { Member } from "./member.ts";
import type { Order, Report, StreamSent } from "./orders.ts";
import { Pacer } from "./pacer.ts";
import { Phases } from "./phases.ts";
import { makePlan, type Plan } from "./plan.ts";
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
  readonly #pacers: readonly { readonly pacer: Pacer; readonly crowd: Crowd }[];
  readonly #loops: readonly ClosedLoop[];
  readonly #heartbeats: readonly { readonly beat: Pacer; readonly perSecond: number }[];
  readonly #place: { readonly agent: number; readonly agents: number };
  #timer: ReturnType<typeof setInterval> | undefined;
  #published = false;
  #second = -1;
  #pending: { readonly at: number; readonly act: () => void }[] = [];

  constructor(order: Order & { readonly order: "prepare" }, clock: RunClock, report: (report: Report) => void) {
    const { scenario, agent, agents } = order;
    this.#clock = clock;
    this.#report = report;
    this.#plan = makePlan(scenario);
    this.#place = { agent, agents };
    this.#self = new Self(() => clock.own());
    const around = {
      ...{ plan: this.#plan, agent, agents, clock, counters: this.#counters, wheel: this.#wheel },
      anyPublished: () => this.#published,
      phaseHistogram: (due: number) => this.#phases.of(due),
    };
    this.#crowds = this.#plan.populations.map((population) => new Crowd(population, around, driverOf));
    this.#comings = new Comings(this.#crowds);
    const micros = (): number => clock.micros();
    this.#pacers = this.#crowds
      .filter(({ plan, members }) => plan.spec.publish?.rate !== undefined && members.length > 0)
      .map((crowd) => ({ pacer: new Pacer(inTurn(crowd), micros, this.#late), crowd }));
    this.#loops = this.#crowds.flatMap((crowd) => {
      const { publish } = crowd.plan.spec;
      return publish?.window === undefined ? [] : [new ClosedLoop(crowd, publish)];
    });
    this.#heartbeats = this.#crowds.flatMap((crowd) => {
      const { heartbeat } = crowd.plan.spec;
      if (heartbeat === undefined || heartbeat === 0) return [];
      const perSecond = (crowd.members.length * 1000) / heartbeat;
      return [{ beat: new Pacer(beatInTurn(crowd), micros, new Histogram()), perSecond }];
    });
  }

  start(): void {
    const now = this.#clock.micros();
    for (const { beat, perSecond } of this.#heartbeats) beat.pace(perSecond, now, 0);
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
        return this.#report({ report: "sent", ...this.#sent() });
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
    for (const { beat } of this.#heartbeats) beat.tick();
    for (const { pacer } of this.#pacers) pacer.tick();
    this.#tellSecond(now);
  }

  #at(at: number, act: () => void): void {
    this.#pending.push({ at, act });
  }

  #load(share: number, at: number): void {
    if (share > 0) this.#published = true;
    for (const { pacer, crowd } of this.#pacers) {
      const { spec } = crowd.plan;
      // A part of the population has a part of its rate.
      const rate = ((spec.publish?.rate ?? 0) * share * crowd.members.length) / spec.count;
      pacer.pace(rate, at, (this.#place.agent + 1) / this.#place.agents);
    }
    for (const loop of this.#loops) loop.run(share > 0);
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

  #sent(): { readonly streams: StreamSent[]; readonly unanswered: number } {
    const streams: StreamSent[] = [];
    let unanswered = 0;
    for (const crowd of this.#crowds) {
      for (const [entry, sent] of crowd.sent.entries())
        if (sent > 0) streams.push([crowd.streamOf(entry), sent, crowd.lastDue[entry]!]);
      for (const member of crowd.members) unanswered += member.unanswered?.size ?? 0;
    }
    return { streams, unanswered };
  }

  #judge(streams: readonly StreamSent[], final: boolean): void {
    const ends = new Map(streams.map(([stream, sent, last]) => [stream, { sent, last }]));
    const endOf = (stream: number): StreamEnd => ends.get(stream) ?? SILENT;
    let count = 0;
    for (const { ledger } of this.#crowds) {
      count += ledger.outstanding(endOf);
      if (final) ledger.settle(endOf);
    }
    const latency = (this.#phases.all.at(-1) ?? new Histogram()).toData();
    this.#report({ report: "outstanding", count, correctness: this.#correctness(), latency });
  }

  #correctness(): Correctness[] {
    return this.#crowds
      .filter(({ plan }) => plan.subscribes !== undefined)
      .map(({ plan, ledger }) => ({
        ...ledger.counts,
        population: plan.spec.name,
        protocol: plan.protocol,
        subscriptions: ledger.subscriptions,
        expected: ledger.counts.received + ledger.counts.lost,
        examples: ledger.examples.map((text) => `${plan.spec.name}: ${text}`),
      }));
  }

  #close(): void {
    this.#tell(Math.floor(this.#clock.micros() / 1e6));
    this.#comings.stop();
    this.#wheel.clear();
    this.stop();
    this.#report({ report: "closed", phases: this.#phases.all.map((histogram) => histogram.toData()) });
  }
}

/** Publishes by the members that are wanted, one after another. */
function inTurn(crowd: Crowd): (due: number) => void {
  const next = wantedInTurn(crowd.members);
  return (due) => {
    const member = next();
    if (member !== undefined) crowd.publish(member, due);
  };
}

function beatInTurn(crowd: Crowd): () => void {
  let turn = 0;
  return () => {
    const member = crowd.members[turn++ % crowd.members.length];
    if (member?.state === "ready") crowd.driver.heartbeat(member);
  };
}

function wantedInTurn(members: readonly Member[]): () => Member | undefined {
  let turn = 0;
  return () => {
    for (let tried = 0; tried < members.length; tried++) {
      const member = members[turn++ % members.length]!;
      if (member.wanted) return member;
    }
    return undefined;
  };
}
