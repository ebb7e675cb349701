import { fdatasync } from "node:fs";

/**
 * Makes commits outlive a loss of power, several with one sync.
 *
 * Why a sync of the -wal file after the commit is enough: a commit is written as frames at the end of that file, each
 * with a checksum over all before it, the last one marked as a commit. After a crash SQLite takes the frames up to the
 * last whole commit. fdatasync works on the file, not on the descriptor, so that ours covers what SQLite wrote through
 * its own. And a frame is overwritten only after a checkpoint that synced the log first, then the database file
 * (synchronous=NORMAL), and a new round's header is synced before its first frame counts.
 * https://www.sqlite.org/fileformat2.html#walformat, https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export class WalSync {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** On a thread of the runtime's pool: the event loop goes on. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
  }
}
