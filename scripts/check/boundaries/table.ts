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

/** The interfaces that adapters implement, and beside them what the adapters of one port share. */
const PORTS = [
  ...["log", "flags", "share", "fifo", "id-window", "page", "patiently", "pause", "recent"].map(
    (name) => `log/${name}.ts`,
  ),
  ...["presence", "deadlines", "gatherer", "pace", "room", "local-members"].map((name) => `presence/${name}.ts`),
  ...["bus", "nodes", "subject", "watchers"].map((name) => `cluster/${name}.ts`),
  "auth/revocation-store.ts",
  ...["session-store", "session-model", "claims"].map((name) => `durable/${name}.ts`),
];

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
    imports: ["protocol", "client", "web", "wiring", "load"],
  },
  ...server(),
];

function server(): readonly Module[] {
  return [
    // The only ones that know adapters and transports: main.ts and what it is split into.
    wiring(["main.ts", "index.ts", "gateway/**", "wiring/**"]),
    { name: "clock", files: [`${SERVER}/clock.ts`, `${SERVER}/version.ts`], imports: [] },
    // It reads the counters of the stages when somebody scrapes them: it knows their types, and only the wiring knows it.
    { name: "metrics", files: [`${SERVER}/observe/metrics.ts`], imports: BASE, types: STAGES },
    {
      name: "ports",
      files: [...PORTS, "**/*.contract.ts"].map((file) => `${SERVER}/${file}`),
      imports: ["protocol", "clock"],
    },
    {
      name: "adapters",
      files: [`${SERVER}/adapters/**`],
      // The router finds filters by topic, which an engine whose tail goes by interest has to do as well.
      imports: ["protocol", "clock", "observe", "ports", "router"],
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
