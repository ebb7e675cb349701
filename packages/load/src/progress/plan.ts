import type { Scenario } from "../scenario-file/table.ts";
import type { PlannedPhase, ProgressPlan } from "./view.ts";

/** What a scenario intends, as far as it is known before: a search finds its trials on the way. */
export function planOf({ name, target, phases }: Scenario): ProgressPlan {
  const planned: PlannedPhase[] = [];
  let from = 0;
  for (const spec of phases) {
    const to = from + spec.for / 1000;
    const load = spec.load ?? (spec.phase === "hold" || spec.phase === "storm" ? 1 : 0);
    planned.push({ name: spec.name ?? spec.phase, kind: spec.phase, from, to, load });
    from = to;
  }
  return { name, target: `${target.protocol} ${target.urls.join(", ")}`, phases: planned };
}
