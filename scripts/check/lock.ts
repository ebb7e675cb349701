/** What both a package.json and its entry in the lock file have. */
interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface LockedPackage extends Dependencies {
  /** Where npm got it: for packages of ours a path, for others nothing. */
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Optional dependencies that the lock file of npm does not have. npm leaves out those that it cannot get when it writes the
 * file, and `npm ci` then fails on every machine: choose a version that is there for all platforms.
 */
export function lockFaults(packages: Readonly<Record<string, LockedPackage>>): readonly string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `package-lock.json has no ${name}, an optional dependency of ${path}`),
  );
}

/** As Node looks for a package: in the folder of the one that wants it, then in those above. */
function isLocked(packages: Readonly<Record<string, LockedPackage>>, path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    if (packages[folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`] !== undefined) return true;
    if (folder === "") return false;
  }
}

/**
 * Packages that the lock file would fetch from one certain host: whoever installs chooses the registry. `.npmrc` tells npm to
 * leave the addresses out; an entry that has one was written without it.
 */
export function hostFaults(packages: Readonly<Record<string, LockedPackage>>): readonly string[] {
  return Object.entries(packages)
    .filter(([, { resolved = "" }]) => resolved.includes("://"))
    .map(
      ([path]) =>
        `package-lock.json names the host that ${path} comes from: npm install --omit-lockfile-registry-resolved`,
    );
}

/** Dependencies of ours that were changed without the lock file. `manifests` are the package.json files by their folders. */
export function staleFaults(
  packages: Readonly<Record<string, LockedPackage>>,
  manifests: Readonly<Record<string, Dependencies>>,
): readonly string[] {
  return Object.entries(manifests)
    .filter(([folder, manifest]) => {
      const locked = packages[folder];
      return (["dependencies", "devDependencies"] as const).some(
        (kind) => !Bun.deepEquals(locked?.[kind] ?? {}, manifest[kind] ?? {}),
      );
    })
    .map(([folder]) => `package-lock.json is older than ${folder || "the root"}'s package.json: run npm install`);
}

/** `root` is the folder of the repository. */
export async function lockFileFaults(root: string): Promise<readonly string[]> {
  const lock = (await Bun.file(`${root}/package-lock.json`).json()) as { packages: Record<string, LockedPackage> };
  const manifests: Record<string, Dependencies> = {};
  for await (const file of new Bun.Glob("{package.json,packages/*/package.json}").scan({ cwd: root })) {
    const folder = file === "package.json" ? "" : file.slice(0, -"/package.json".length);
    manifests[folder] = (await Bun.file(`${root}/${file}`).json()) as Dependencies;
  }
  return [...lockFaults(lock.packages), ...hostFaults(lock.packages), ...staleFaults(lock.packages, manifests)];
}
