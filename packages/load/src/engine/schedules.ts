import { Histogram } from "../measure/histogram.ts";
import { ClosedLoop } from "./closed-loop.ts";
import type { RunClock } from "./clock.ts";
import type { Crowd } from "./crowd.ts";
import type { Member } from "./member.ts";
import { Pacer } from "./pacer.ts";

interface Heartbeat {
  readonly beat: Pacer;
  readonly perSecond: number;
}

/** When the crowds of an agent send what: messages on schedule, messages in closed loops, heartbeats. */
export class Schedules {
  readonly #pacers: readonly { readonly pacer: Pacer; readonly crowd: Crowd }[];
  readonly #loops: readonly ClosedLoop[];
  readonly #heartbeats: readonly Heartbeat[];
  readonly #offset: number;

  /** `late` gets how late messages left; `offset` (0 to 1) is where in a period this agent begins. */
  constructor(crowds: readonly Crowd[], clock: RunClock, late: Histogram, offset: number) {
    const micros = (): number => clock.micros();
    this.#offset = offset;
    this.#pacers = crowds
      .filter(({ plan, members }) => plan.spec.publish?.rate !== undefined && members.length > 0)
      .map((crowd) => ({ pacer: new Pacer(inTurn(crowd), micros, late), crowd }));
    this.#loops = crowds.flatMap((crowd) => {
      const { publish } = crowd.plan.spec;
      return publish?.window === undefined ? [] : [new ClosedLoop(crowd, publish)];
    });
    this.#heartbeats = crowds.flatMap((crowd) => heartbeatOf(crowd, micros));
  }

  /** Heartbeats begin. */
  beat(now: number): void {
    for (const { beat, perSecond } of this.#heartbeats) beat.pace(perSecond, now, 0);
  }

  /** Messages leave at this share of the populations' rates from the moment on. */
  load(share: number, at: number): void {
    for (const { pacer, crowd } of this.#pacers) {
      const { spec } = crowd.plan;
      // A part of the population has a part of its rate.
      const rate = ((spec.publish?.rate ?? 0) * share * crowd.members.length) / spec.count;
      pacer.pace(rate, at, this.#offset);
    }
    for (const loop of this.#loops) loop.run(share > 0);
  }

  /** Sends what is due. */
  tick(): void {
    for (const { beat } of this.#heartbeats) beat.tick();
    for (const { pacer } of this.#pacers) pacer.tick();
  }
}

function heartbeatOf(crowd: Crowd, micros: () => number): Heartbeat[] {
  const { heartbeat } = crowd.plan.spec;
  if (heartbeat === undefined || heartbeat === 0) return [];
  const perSecond = (crowd.members.length * 1000) / heartbeat;
  return [{ beat: new Pacer(beatInTurn(crowd), micros, new Histogram()), perSecond }];
}

/** Publishes by the members that have come, one after another. */
function inTurn(crowd: Crowd): (due: number) => void {
  const next = activeInTurn(crowd.members);
  return (due) => {
    const member = next();
    if (member !== undefined) crowd.publishing.publish(member, due);
  };
}

function beatInTurn(crowd: Crowd): () => void {
  let turn = 0;
  return () => {
    const member = crowd.members[turn++ % crowd.members.length];
    if (member?.state === "ready") crowd.driver.heartbeat(member);
  };
}

function activeInTurn(members: readonly Member[]): () => Member | undefined {
  let turn = 0;
  return () => {
    for (let tried = 0; tried < members.length; tried++) {
      const member = members[turn++ % members.length]!;
      if (member.active) return member;
    }
    return undefined;
  };
}
