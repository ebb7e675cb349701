/** Tests of one kind, which run in one process or one set of workers. */
export interface Group {
  readonly name: string;
  /**
   * What belongs to it: in `packages/<name>/test` the folder of this name, and files like `crash.test.ts` anywhere. The first group has all that no other group names.
   */
  readonly folders: readonly string[];
  /** Bound for one test, in milliseconds. */
  readonly timeout: number;
  /** Bound for all of them together, in milliseconds: a run that hangs ends as a failure. */
  readonly limit: number;
  /** Files side by side in workers of their own, as many as there are processors. */
  readonly parallel: boolean;
  readonly needsBrowser: boolean;
}

const QUICK: Group = {
  name: "unit",
  folders: [],
  // Many wait for a process to start or a condition to come true, and the machine may be busy with other things.
  timeout: 30_000,
  limit: 600_000,
  parallel: true,
  needsBrowser: false,
};

export const GROUPS: readonly Group[] = [
  QUICK,
  // 1,000 seeds in one test, two minutes at most on the slowest machine that counts.
  {
    name: "simulation",
    folders: ["simulation"],
    timeout: 300_000,
    limit: 400_000,
    parallel: false,
    needsBrowser: false,
  },
  // 20 rounds of a load, a kill and a restart.
  { name: "crash", folders: ["crash"], timeout: 300_000, limit: 400_000, parallel: false, needsBrowser: false },
  // Each starts NATS and three gateways, and has them killed.
  {
    name: "cluster",
    folders: ["cluster/faults", "npm-cluster", "haproxy"],
    timeout: 120_000,
    limit: 400_000,
    parallel: false,
    needsBrowser: false,
  },
  { name: "end-to-end", folders: ["e2e"], timeout: 120_000, limit: 400_000, parallel: false, needsBrowser: false },
  { name: "browser", folders: ["browser"], timeout: 120_000, limit: 400_000, parallel: false, needsBrowser: true },
];

const FILES = ["packages/*/{src,test,bench}/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"];

/** Paths of a group's test files from the root of the repository, those only that contain one of the filters. */
export async function filesOf(group: Group, root: string, filters: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const pattern of FILES) files.push(...(await Array.fromAsync(new Bun.Glob(pattern).scan({ cwd: root }))));
  return files
    .filter((file) => groupOf(file) === group)
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .toSorted();
}

function groupOf(file: string): Group {
  return GROUPS.find(({ folders }) => folders.some((folder) => isOf(folder, file))) ?? QUICK;
}

function isOf(folder: string, file: string): boolean {
  return file.includes(`/test/${folder}/`) || file.endsWith(`/${folder}.test.ts`);
}
