import type { Link, Order, Report } from "../engine/orders.ts";
import { Histogram } from "../measure/histogram.ts";
import { describeMachine } from "../report/machine.ts";
import type { PhaseResult, RunResult, SearchResult, Trial } from "../result/types.ts";
import type { Scenario, SearchSpec } from "../scenario-file/table.ts";
import { makePlan, type Plan } from "../engine/plan.ts";
import { Conductor } from "./conductor.ts";
import { mergeHistograms } from "./merge.ts";
import { notesOf } from "./notes.ts";
import type { Progress } from "./progress.ts";
import { Recorder } from "./recorder.ts";
import { searchRate, trialOf } from "./search.ts";
import { ServerStats } from "./server-stats.ts";
import { Team } from "./team.ts";
import { verdictOf } from "./verdict.ts";

/** Milliseconds that an interrupted run waits for what is under way. */
const SHORT_DRAIN = 1000;

export interface RunOptions {
  readonly scenario: Scenario;
  /** The agents, connected. They are closed in the end. */
  readonly agents: readonly Link<Order, Report>[];
  /** Version of the program. */
  readonly tool: string;
  /** Ends the phases early; the result says so. */
  readonly stop: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Descriptors that a process may have. */
  readonly descriptors: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** Runs a scenario from the first connection to the verdict. Rejects with `AgentFailed`. */
export async function runScenario(options: RunOptions): Promise<RunResult> {
  const team = new Team(options.agents);
  try {
    return await new ScenarioRun(options, team).run();
  } finally {
    team.close();
  }
}

class ScenarioRun {
  readonly #options: RunOptions;
  readonly #team: Team;
  readonly #plan: Plan;
  readonly #start: number;
  readonly #recorder: Recorder;
  readonly #conductor: Conductor;

  constructor(options: RunOptions, team: Team) {
    const { scenario, monotonic, stop } = options;
    this.#options = options;
    this.#team = team;
    this.#plan = makePlan(scenario);
    this.#start = monotonic();
    const stats = new ServerStats(scenario.target, monotonic);
    this.#recorder = new Recorder(team.size, () => stats.sample());
    this.#conductor = new Conductor(team, scenario, this.#micros, stop);
    team.onSecond = (_, second) => this.#recorder.take(second);
    this.#recorder.onSecond = () => this.#tell();
  }

  async run(): Promise<RunResult> {
    const { scenario, now } = this.#options;
    const date = new Date(now()).toISOString();
    await this.#prepare();
    const search = await this.#play();
    const interrupted = this.#conductor.stopped;
    if (interrupted || !this.#drained) await this.#drain(interrupted ? SHORT_DRAIN : scenario.drain);
    const closed = await this.#team.ask({ order: "close" }, "closed");
    this.#recorder.flush();
    const phases = this.#conductor.phases.map((phase, i): PhaseResult => {
      const parts = closed.flatMap((report) => report.phases[i] ?? []);
      return { ...phase, latency: mergeHistograms(parts) };
    });
    return this.#result({ date, interrupted, phases, search });
  }

  readonly #micros = (): number => (this.#options.monotonic() - this.#start) * 1000;
  #drained = false;

  async #prepare(): Promise<void> {
    const { scenario } = this.#options;
    for (let agent = 0; agent < this.#team.size; agent++) {
      const offset = await this.#team.offset(agent, this.#micros);
      const order: Order = { order: "prepare", scenario, agent, agents: this.#team.size, offset };
      await this.#team.askOne(agent, order, "prepared");
    }
  }

  async #play(): Promise<SearchResult | undefined> {
    const { phases, search } = this.#options.scenario;
    let found: SearchResult | undefined;
    for (const phase of phases) {
      if (this.#conductor.stopped) break;
      if (search !== undefined && (phase.phase === "hold" || phase.phase === "storm")) continue;
      if (search !== undefined && phase.phase === "down") found ??= await this.#search(search);
      if (phase.phase === "down") await this.#drain(this.#options.scenario.drain);
      await this.#conductor.play(phase);
    }
    if (search !== undefined && !this.#conductor.stopped) found ??= await this.#search(search);
    return found;
  }

  async #drain(longest: number): Promise<void> {
    const at = this.#micros();
    const phase = this.#conductor.begin({ name: "drain", kind: "drain", load: 0, at, over: longest });
    await this.#conductor.drain(longest);
    this.#conductor.end(phase);
    this.#drained = true;
  }

  #search(spec: SearchSpec): Promise<SearchResult> {
    const full = this.#fullRate();
    let lostBefore = 0;
    const attempt = async (rate: number, name: string): Promise<Trial> => {
      const conductor = this.#conductor;
      const at = this.#micros() + 50_000;
      const errorsBefore = this.#errors();
      const phase = conductor.begin({ name, kind: "trial", load: rate / full, at, over: spec.trial });
      conductor.load(rate / full, at);
      await conductor.wait(at + spec.trial * 1000);
      const { correctness, latency } = await conductor.drain(this.#options.scenario.drain);
      conductor.end(phase);
      const lostNow = correctness.reduce((sum, { lost }) => sum + lost, 0);
      const lost = lostNow - lostBefore;
      lostBefore = lostNow;
      const failed = this.#errors() - errorsBefore;
      const figures = { rate, latency: Histogram.of(latency), lost, expected: latency.count + lost, failed };
      return trialOf(figures, spec);
    };
    return searchRate(spec, attempt, () => this.#conductor.stopped);
  }

  #errors(): number {
    const { errors } = this.#recorder.totals();
    return Object.values(errors).reduce((sum, each) => sum + each, 0);
  }

  #fullRate(): number {
    return this.#options.scenario.populations.reduce((sum, { publish }) => sum + (publish?.rate ?? 0), 0);
  }

  #tell(): void {
    const phase = this.#conductor.phases.at(-1);
    const second = this.#recorder.series.at(-1);
    if (phase === undefined || second === undefined) return;
    this.#options.onProgress?.({ second, phase, correctness: this.#conductor.judgement.correctness });
  }

  #result(given: {
    readonly date: string;
    readonly interrupted: boolean;
    readonly phases: readonly PhaseResult[];
    readonly search: SearchResult | undefined;
  }): RunResult {
    const { scenario, tool, descriptors } = this.#options;
    const { correctness } = this.#conductor.judgement;
    const totals = this.#recorder.totals();
    const { date, interrupted, phases, search } = given;
    const { series } = this.#recorder;
    return {
      version: 1,
      meta: {
        name: scenario.name,
        ...(scenario.about === undefined ? {} : { about: scenario.about }),
        date,
        tool,
        seconds: this.#micros() / 1e6,
        target: { protocol: scenario.target.protocol, urls: scenario.target.urls },
        machine: describeMachine(),
        agents: this.#team.size,
        populations: this.#populations(),
        scenario: withoutSecrets(scenario),
        interrupted,
      },
      phases,
      series,
      totals,
      correctness,
      ...(search === undefined ? {} : { search }),
      verdict: verdictOf(scenario, { totals, phases, correctness, search, interrupted }),
      notes: notesOf(series, descriptors),
    };
  }

  #populations(): RunResult["meta"]["populations"] {
    return this.#plan.populations.map(({ spec, protocol, subscribes, publishes }) => ({
      name: spec.name,
      protocol,
      connections: spec.count,
      topics: new Set([...(subscribes?.topics ?? []), ...(publishes?.topics ?? [])]).size,
      ...(spec.publish?.rate === undefined ? {} : { rate: spec.publish.rate }),
    }));
  }
}

/** A report goes around: tokens, secrets and headers stay here. */
function withoutSecrets({ target, agents, ...rest }: Scenario): object {
  const { token: _token, headers: _headers, ...shownTarget } = target;
  const { secret: _secret, ...shownAgents } = agents;
  return { ...rest, target: shownTarget, agents: shownAgents };
}
