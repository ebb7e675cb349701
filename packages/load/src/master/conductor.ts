import type { HistogramData } from "../measure/histogram-data.ts";
import type { Correctness, PhaseResult } from "../result/types.ts";
import type { Amount } from "../scenario-file/spec.ts";
import type { PhaseSpec, Scenario } from "../scenario-file/table.ts";
import { mergeCorrectness, mergeHistograms } from "./merge.ts";
import type { Team } from "./team.ts";

/** Milliseconds between two looks at what is under way. */
const LOOK = 100;
/** Microseconds between an order and its moment: it must be there in time. */
export const AHEAD = 50_000;
/** Milliseconds that the connections of a ramp may take longer than it. */
const SETTLE = 15_000;

export interface Judgement {
  /** Deliveries that were due and had not come. */
  readonly outstanding: number;
  readonly correctness: readonly Correctness[];
  readonly latency: HistogramData;
}

export type Phase = Omit<PhaseResult, "latency">;

/** Leads a team through the phases: says when what begins, and waits. */
export class Conductor {
  readonly phases: Phase[] = [];
  judgement: Judgement = { outstanding: 0, correctness: [], latency: { count: 0, max: 0, sum: 0, buckets: [] } };
  readonly #team: Team;
  readonly #scenario: Scenario;
  readonly #micros: () => number;
  readonly #stop: AbortSignal;

  constructor(team: Team, scenario: Scenario, micros: () => number, stop: AbortSignal) {
    this.#team = team;
    this.#scenario = scenario;
    this.#micros = micros;
    this.#stop = stop;
  }

  get stopped(): boolean {
    return this.#stop.aborted;
  }

  async play(spec: PhaseSpec): Promise<void> {
    const at = this.#micros() + AHEAD;
    const load = spec.load ?? (spec.phase === "hold" || spec.phase === "storm" ? 1 : 0);
    const phase = this.begin({
      name: spec.name ?? this.#nameOf(spec.phase),
      kind: spec.phase,
      load,
      at,
      over: spec.for,
    });
    if (spec.phase === "ramp") this.#aim(spec.connections ?? { share: 1 }, at, spec.for);
    if (spec.phase === "down") this.#aim(spec.connections ?? { share: 0 }, at, spec.for);
    if (spec.phase !== "down") this.#team.tell({ order: "load", share: load, at });
    if (spec.phase === "storm") this.#team.tell({ order: "storm", drop: spec.drop, at, back: spec.back * 1000 });
    await this.wait(at + spec.for * 1000);
    if (spec.phase === "ramp") await this.#settled();
    this.end(phase);
  }

  /** `over` in milliseconds. */
  begin({ at, over, ...phase }: Pick<Phase, "name" | "kind" | "load"> & { at: number; over: number }): number {
    this.#team.tell({ order: "phase", at });
    return this.phases.push({ ...phase, from: at / 1e6, to: at / 1e6 + over / 1000 }) - 1;
  }

  end(phase: number): void {
    this.phases[phase] = { ...this.phases[phase]!, to: this.#micros() / 1e6 };
  }

  load(share: number, at: number): void {
    this.#team.tell({ order: "load", share, at });
  }

  /** Until the moment of the run's clock, or until it is stopped. Rejects with `AgentFailed`. */
  async wait(until: number): Promise<void> {
    for (let left = until - this.#micros(); left > 0 && !this.stopped; left = until - this.#micros())
      await Promise.race([Bun.sleep(Math.min(left / 1000, LOOK)), this.#team.failed]);
  }

  /** Ends sending, waits for what is under way, and counts the rest as lost. `longest` in milliseconds. */
  async drain(longest: number): Promise<Judgement> {
    this.load(0, 0);
    const end = this.#micros() + longest * 1000;
    for (;;) {
      const sent = await this.#team.ask({ order: "sent" }, "sent");
      // Each belongs to one agent.
      const streams = sent.flatMap((report) => report.streams);
      const judged = await this.#team.ask({ order: "judge", streams, final: false }, "outstanding");
      const unanswered = sent.reduce((sum, report) => sum + report.unanswered, 0);
      const outstanding = judged.reduce((sum, { count }) => sum + count, 0);
      if (outstanding + unanswered > 0 && this.#micros() < end) {
        await Bun.sleep(LOOK / 4);
        continue;
      }
      const final = await this.#team.ask({ order: "judge", streams, final: true }, "outstanding");
      const correctness = mergeCorrectness(final.map((report) => report.correctness));
      this.judgement = { outstanding, correctness, latency: mergeHistograms(final.map(({ latency }) => latency)) };
      return this.judgement;
    }
  }

  /** Connections that are still on their way when the ramp is over get a while: what follows is about all of them. */
  async #settled(): Promise<void> {
    const end = this.#micros() + SETTLE * 1000;
    while (!this.stopped && this.#micros() < end) {
      const reports = await this.#team.ask({ order: "ready" }, "ready");
      if (reports.every(({ connections, wanted }) => connections >= wanted)) return;
      await Bun.sleep(LOOK / 2);
    }
  }

  #aim(connections: Amount, at: number, over: number): void {
    const { populations } = this.#scenario;
    const all = populations.reduce((sum, { count }) => sum + count, 0);
    const share = "share" in connections ? connections.share : Math.min(1, connections.count / all);
    const targets = populations.map(({ count }) => Math.round(count * share));
    this.#team.tell({ order: "connect", targets, at, over: over * 1000 });
  }

  #nameOf(kind: Phase["kind"]): string {
    const same = this.phases.filter((phase) => phase.kind === kind).length;
    return same === 0 ? kind : `${kind} ${same + 1}`;
  }
}
