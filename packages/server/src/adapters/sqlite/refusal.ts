import type { FileKind } from "./kind.ts";

/** A file that is not opened: it is never repaired or replaced without being told to. */
export class FileRefused extends Error {
  readonly path: string;

  /** `fault` says what is wrong, `remedy` what the operator can do; both as whole sentences. */
  constructor(kind: FileKind, path: string, { fault, remedy }: Refusal, options?: ErrorOptions) {
    super(`the ${kind.noun} file ${path} was not opened: ${fault} ${remedy}`, options);
    this.name = kind.refusal;
    this.path = path;
  }
}

export interface Refusal {
  readonly fault: string;
  readonly remedy: string;
}

/** What the operator can do about a file. */
export function remedies(kind: FileKind) {
  return {
    damaged:
      `Put back a backup of it, or move it away together with its -wal and -shm files to start with an empty ${kind.noun} ` +
      `(${kind.loss}).`,
    foreign: `Set another path for the ${kind.noun}, or move that file away.`,
    newer: "Start the version of Tidegate that wrote it, or a later one.",
    locked: "Stop the other process, or give each its own data directory.",
  } as const;
}

/** What SQLite says of a file that it cannot read becomes a refusal that names the file. */
export function damaged(kind: FileKind, path: string, detail: string, cause?: unknown): FileRefused {
  const refusal = { fault: `it is damaged (${detail}).`, remedy: remedies(kind).damaged };
  return new FileRefused(kind, path, refusal, { cause });
}
