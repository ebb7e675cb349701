import type { Failure } from "./run.ts";

/** What a person needs to find the fault. */
export function report({ config, message, stack, trace }: Failure): string {
  const lines = [
    `seed ${config.seed} breaks ${message}`,
    "",
    "step   time      what happened",
    ...trace,
    "",
    `world: ${JSON.stringify(config)}`,
    `again: SEED=${config.seed} npm test -- simulation`,
  ];
  return stack === "" ? lines.join("\n") : `${lines.join("\n")}\n${stack}`;
}
