/** A log file that is not opened: it is never repaired or replaced without being told to. */
export class LogFileRefused extends Error {
  readonly path: string;

  /** `fault` says what is wrong, `remedy` what the operator can do; both as whole sentences. */
  constructor(path: string, fault: string, remedy: string, options?: ErrorOptions) {
    super(`the log file ${path} was not opened: ${fault} ${remedy}`, options);
    this.name = "LogFileRefused";
    this.path = path;
  }
}

export const REMEDY = {
  damaged:
    "Put back a backup of it, or move it away together with its -wal and -shm files to start with an empty log (its " +
    "messages are then gone and clients are told so by a new epoch).",
  foreign: "Set another path for the log, or move that file away.",
  newer: "Start the version of Tidegate that wrote it, or a later one.",
  locked: "Stop the other process, or give each its own data directory.",
} as const;
