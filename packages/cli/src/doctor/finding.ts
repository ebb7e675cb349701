/** `skip`: it does not apply here, or cannot be seen. */
export type Level = "ok" | "warn" | "fail" | "skip";

/** One line of the report. */
export interface Finding {
  readonly group: Group;
  /** What was looked at. */
  readonly name: string;
  readonly level: Level;
  /** What was found. */
  readonly found: string;
  /** What to change, with the exact command where there is one. */
  readonly fix?: string | undefined;
}

/** In the order of the report. */
export const GROUPS = [
  "Configuration",
  "Program",
  "Ports",
  "Connections",
  "Kernel",
  "Clock",
  "Storage",
  "Memory",
] as const;

export type Group = (typeof GROUPS)[number];
