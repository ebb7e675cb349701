import type { AgentSample, Note, Second } from "../result/types.ts";

/** A process that uses more of a core than this limits the rate itself. */
const BUSY = 0.92;
/** Milliseconds: later than this, latencies are the tool's own. */
const LATE = 10;
/** Milliseconds of an event loop that stood still. */
const LAG = 100;
/** Share of the seconds that must show it. One slow second is no bottleneck. */
const OFTEN = 0.1;
/** Share of the descriptors that an agent may have. */
const FULL = 0.95;

/** Where the tool itself was the limit: the server is not to blame for what stands here. */
export function notesOf(series: readonly Second[], descriptorLimit: number): Note[] {
  const notes: Note[] = [];
  const agents = Math.max(0, ...series.map((second) => second.agents.length));
  for (let agent = 0; agent < agents; agent++) {
    const samples = series.flatMap((second) => second.agents[agent] ?? []);
    notes.push(...agentNotes(`agent ${agent + 1}`, samples, descriptorLimit));
  }
  if (series.every((second) => second.server === undefined))
    notes.push({
      kind: "hint",
      text: "The server's CPU and memory were not read: give target.pid if it runs here, or target.metrics.",
    });
  return notes;
}

function agentNotes(name: string, samples: readonly AgentSample[], descriptorLimit: number): Note[] {
  const often = (of: (sample: AgentSample) => boolean): boolean =>
    samples.length > 0 && samples.filter(of).length / samples.length > OFTEN;
  const most = (key: "cpu" | "late" | "lag" | "descriptors"): number =>
    Math.max(0, ...samples.map((each) => each[key]));
  const notes: string[] = [];
  if (often(({ cpu }) => cpu > BUSY))
    notes.push(
      `${name} used up to ${Math.round(most("cpu") * 100)} % of a core: rates and latencies are its own. Use more agents.`,
    );
  if (often(({ late }) => late > LATE))
    notes.push(
      `${name} sent up to ${Math.round(most("late"))} ms late (P99 of a second): latencies include that. Use more agents or less load.`,
    );
  if (often(({ lag }) => lag > LAG))
    notes.push(
      `The event loop of ${name} stood still for up to ${Math.round(most("lag"))} ms: latencies include that.`,
    );
  if (most("descriptors") > FULL * descriptorLimit)
    notes.push(
      `${name} had ${most("descriptors")} of ${descriptorLimit} descriptors open: connections may have failed for that.`,
    );
  return notes.map((text) => ({ kind: "bottleneck", text }));
}
