/**
 * Who may import whom. This file is the rule; the rest of the folder only reads it.
 *
 * A path belongs to the first module whose pattern fits it (globs, relative to the root of the repository). A module may
 * import itself, and the modules named in `imports`; `"*"` stands for all. Tests and benchmarks are not looked at: they may
 * import everything.
 */
export interface Module {
  readonly name: string;
  readonly files: readonly string[];
  readonly imports: readonly string[];
  /** Imported besides, but only as types: nothing of it is there at run time. */
  readonly types?: readonly string[];
}

const SERVER = "packages/server/src";

/** The interfaces that adapters implement. */
const PORTS = ["log/log.ts", "presence/presence.ts", "auth/revocation-store.ts"];

/** What adapters of one port share lies beside the port: retention of a log, deadlines of presence. */
const PORT_FOLDERS = ["log", "presence"];

/** What every part of the server stands on. They know no stage. */
const BASE = ["protocol", "clock", "ports", "observe", "options"];

/**
 * A stage may import those after it. It is the order of the life of a message, but for delivery: that one asks the router
 * who gets a message and has the log call it, so it comes before both.
 */
const STAGES = ["transport", "session", "pipeline", "delivery", "router", "log"];

/** Modules beside the stages: each may be used by every stage, and stands on the base and what is named here. */
const SIDES: Readonly<Record<string, readonly string[]>> = {
  auth: [],
  presence: ["delivery"],
  cluster: [],
  chat: [],
  admin: [],
};

export const MODULES: readonly Module[] = [
  { name: "protocol", files: ["packages/protocol/src/**"], imports: [] },
  { name: "client", files: ["packages/client/src/**"], imports: [], types: ["protocol"] },
  { name: "web", files: ["packages/web/src/**"], imports: ["client"], types: ["protocol"] },
  { name: "load", files: ["packages/load/**"], imports: ["protocol", "client"] },
  {
    name: "cli",
    files: ["packages/cli/src/**"],
    imports: ["protocol", "client", "web", "wiring", "options", "clock", "auth"],
  },
  ...server(),
];

function server(): readonly Module[] {
  return [
    // The only ones that know adapters and transports: main.ts and what it is split into.
    wiring(["main.ts", "index.ts", "gateway/**", "wiring/**"]),
    { name: "clock", files: [`${SERVER}/clock.ts`, `${SERVER}/version.ts`], imports: [] },
    // It reads the counters of every stage when somebody scrapes them; only the wiring imports it.
    { name: "metrics", files: [`${SERVER}/observe/metrics.ts`], imports: [...BASE, ...STAGES, ...Object.keys(SIDES)] },
    {
      name: "ports",
      files: [...PORTS, "**/*.contract.ts"].map((file) => `${SERVER}/${file}`),
      imports: ["protocol", "clock"],
    },
    {
      name: "adapters",
      files: [`${SERVER}/adapters/**`],
      imports: ["protocol", "clock", "observe", "ports", ...PORT_FOLDERS],
    },
    { name: "observe", files: [`${SERVER}/observe/**`], imports: ["protocol", "clock"] },
    { name: "options", files: [`${SERVER}/options/**`], imports: ["protocol", "clock"] },
    ...STAGES.map(stage),
    ...Object.entries(SIDES).map(side),
  ];
}

function wiring(files: readonly string[]): Module {
  return { name: "wiring", files: files.map((file) => `${SERVER}/${file}`), imports: ["*"] };
}

function stage(name: string, index: number): Module {
  const imports = [...BASE, ...Object.keys(SIDES), ...STAGES.slice(index + 1)];
  return { name, files: [`${SERVER}/${name}/**`], imports };
}

function side([name, others]: readonly [string, readonly string[]]): Module {
  return { name, files: [`${SERVER}/${name}/**`], imports: [...BASE, ...others] };
}
