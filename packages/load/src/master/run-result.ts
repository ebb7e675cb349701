import { makePlan } from "../engine/plan.ts";
import { describeMachine } from "../report/machine.ts";
import type {
  Correctness,
  Meta,
  PhaseResult,
  PopulationMeta,
  RunResult,
  SearchResult,
  Second,
  Totals,
} from "../result/types.ts";
import type { Scenario } from "../scenario-file/table.ts";
import { notesOf } from "./notes.ts";
import { verdictOf } from "./verdict.ts";

/** All that is known when a run is over. */
export interface RunFindings {
  readonly scenario: Scenario;
  /** Version of the program. */
  readonly tool: string;
  /** When it began, as in ISO 8601. */
  readonly date: string;
  readonly seconds: number;
  readonly populations: readonly PopulationMeta[];
  readonly agents: number;
  /** Descriptors that a process may have. */
  readonly descriptors: number;
  readonly interrupted: boolean;
  readonly phases: readonly PhaseResult[];
  readonly series: readonly Second[];
  readonly totals: Totals;
  readonly correctness: readonly Correctness[];
  readonly search: SearchResult | undefined;
}

/** What a run says of itself: its file, and what reports are made of. */
export function runResult(findings: RunFindings): RunResult {
  const { scenario, phases, series, totals, correctness, search, descriptors } = findings;
  return {
    version: 1,
    meta: metaOf(findings),
    phases,
    series,
    totals,
    correctness,
    ...(search === undefined ? {} : { search }),
    verdict: verdictOf(scenario, findings),
    notes: notesOf(series, descriptors),
  };
}

function metaOf({ scenario, date, tool, seconds, agents, populations, interrupted }: RunFindings): Meta {
  return {
    name: scenario.name,
    ...(scenario.about === undefined ? {} : { about: scenario.about }),
    date,
    tool,
    seconds,
    target: { protocol: scenario.target.protocol, urls: scenario.target.urls },
    machine: describeMachine(),
    agents,
    populations,
    scenario: withoutSecrets(scenario),
    interrupted,
  };
}

/** Throws a RangeError for a scenario that no plan can be made of. */
export function populationsOf(scenario: Scenario): readonly PopulationMeta[] {
  return makePlan(scenario).populations.map(({ spec, protocol, subscribes, publishes }) => ({
    name: spec.name,
    protocol,
    connections: spec.count,
    topics: new Set([...(subscribes?.topics ?? []), ...(publishes?.topics ?? [])]).size,
    ...(spec.publish?.rate === undefined ? {} : { rate: spec.publish.rate }),
  }));
}

/** A report goes around: tokens, secrets and headers stay here. */
function withoutSecrets({ target, agents, ...rest }: Scenario): object {
  const { token: _token, headers: _headers, ...shownTarget } = target;
  const { secret: _secret, ...shownAgents } = agents;
  return { ...rest, target: shownTarget, agents: shownAgents };
}
