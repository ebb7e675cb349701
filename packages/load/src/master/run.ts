import type { Link, Order, Report } from "../engine/orders.ts";
import type { PhaseResult, PopulationMeta, RunResult, SearchResult } from "../result/types.ts";
import type { Scenario } from "../scenario-file/table.ts";
import { Conductor } from "./conductor.ts";
import { mergeHistograms } from "./merge.ts";
import type { Progress } from "./progress.ts";
import { Recorder } from "./recorder.ts";
import { populationsOf, runResult } from "./run-result.ts";
import { ServerStats } from "./server-stats.ts";
import { Team } from "./team.ts";
import { Trials } from "./trials.ts";

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
  readonly #populations: readonly PopulationMeta[];
  readonly #start: number;
  readonly #recorder: Recorder;
  readonly #conductor: Conductor;
  readonly #trials: Trials;
  #drained = false;

  constructor(options: RunOptions, team: Team) {
    const { scenario, monotonic, stop } = options;
    this.#options = options;
    this.#team = team;
    this.#populations = populationsOf(scenario);
    this.#start = monotonic();
    const stats = new ServerStats(scenario.target, monotonic);
    this.#recorder = new Recorder(team.size, () => stats.sample());
    this.#conductor = new Conductor(team, scenario, this.#micros, stop);
    this.#trials = new Trials({
      scenario,
      conductor: this.#conductor,
      recorder: this.#recorder,
      micros: this.#micros,
    });
    team.onSecond = (_, second) => this.#recorder.take(second);
    this.#recorder.onSecond = () => this.#tell();
  }

  async run(): Promise<RunResult> {
    const { scenario, tool, descriptors, now } = this.#options;
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
    return runResult({
      ...{ scenario, tool, descriptors, date, populations: this.#populations },
      seconds: this.#micros() / 1e6,
      agents: this.#team.size,
      interrupted,
      phases,
      series: this.#recorder.series,
      totals: this.#recorder.totals(),
      correctness: this.#conductor.judgement.correctness,
      search,
    });
  }

  readonly #micros = (): number => (this.#options.monotonic() - this.#start) * 1000;

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
      if (search !== undefined && phase.phase === "down") found ??= await this.#trials.search(search);
      if (phase.phase === "down") await this.#drain(this.#options.scenario.drain);
      await this.#conductor.play(phase);
    }
    if (search !== undefined && !this.#conductor.stopped) found ??= await this.#trials.search(search);
    return found;
  }

  async #drain(longest: number): Promise<void> {
    const at = this.#micros();
    const phase = this.#conductor.begin({ name: "drain", kind: "drain", load: 0, at, over: longest });
    await this.#conductor.drain(longest);
    this.#conductor.end(phase);
    this.#drained = true;
  }

  #tell(): void {
    const phase = this.#conductor.phases.at(-1);
    const second = this.#recorder.series.at(-1);
    if (phase === undefined || second === undefined) return;
    this.#options.onProgress?.({ second, phase, correctness: this.#conductor.judgement.correctness });
  }
}
