import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CLI = join(import.meta.dir, "../../../cli/src/main.ts");

/** What runs `tidegate` from the sources of this repository. */
export const TIDEGATE = [process.execPath, "run", CLI] as const;

/** A command that runs another one and remembers the ids of the processes that it was. */
export class Remembered {
  readonly command: readonly string[];
  readonly #directory = mkdtempSync(join(tmpdir(), "tidegate-load-"));

  constructor(command: readonly string[]) {
    // `exec` keeps the process, and so its id.
    this.command = ["sh", "-c", `: > "${this.#directory}/$$"; exec "$@"`, "sh", ...command];
  }

  get pids(): number[] {
    return readdirSync(this.#directory).map(Number);
  }

  forget(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/** Whether the process is there, and not only waits for its parent to take note of its end. */
export function lives(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return fieldsOf(pid)?.state !== "Z";
}

export function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => fieldsOf(pid)?.parent === parent);
}

/** Undefined if it has ended meanwhile. */
function fieldsOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name before them, in parentheses, may hold anything.
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
