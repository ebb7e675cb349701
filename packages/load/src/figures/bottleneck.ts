import type { AgentSample } from "../result/types.ts";
import { millis, percent } from "./format.ts";

/** An agent is one thread: above this share of a core its rates and latencies are its own. */
export const BUSY_CPU = 0.92;
/** Milliseconds: messages that leave later than this make the latency of the tool part of what is shown. */
const LATE_MS = 5;
/** Milliseconds: an event loop this late reads deliveries so late. */
const LAG_MS = 50;

/** Where the tool itself was the limit in one second, in words. */
export function toolWarnings(agents: readonly AgentSample[]): readonly string[] {
  return agents.flatMap(({ cpu, late, lag }, index) => {
    const reasons = [
      ...(cpu > BUSY_CPU ? [`uses ${percent(cpu)} of a core`] : []),
      ...(late > LATE_MS ? [`sends ${millis(late)} late`] : []),
      ...(lag > LAG_MS ? [`reads up to ${millis(lag)} late`] : []),
    ];
    if (reasons.length === 0) return [];
    const rest = cpu > BUSY_CPU ? "it is the limit here, add agents" : "latencies include that";
    return [`Agent ${index + 1} ${reasons.join(", ")}: ${rest}.`];
  });
}
