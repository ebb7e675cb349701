import type { Log, Retention, RetentionOf } from "../../../src/log/log.ts";
import { KEEP_ALL } from "../fixture.ts";
import { ManualClock } from "../manual-clock.ts";

export interface LogContractOptions {
  readonly clock: ManualClock;
  readonly retention: RetentionOf;
}

/** An adapter under test. */
export interface LogSubject {
  /** A new, empty log. The subject removes what it left when the test is over. */
  open(options: LogContractOptions): Promise<Log>;
  /** Closes the log and opens what it stored again. Absent for a log that survives nothing. */
  reopen?(log: Log, options: LogContractOptions): Promise<Log>;
}

export interface Bench {
  readonly clock: ManualClock;
  log: Log;
  /** Closes and opens; for a log that survives nothing, it does nothing. */
  restart(): Promise<void>;
}

export async function bench(subject: LogSubject, retention: Partial<Retention> | RetentionOf = {}): Promise<Bench> {
  const clock = new ManualClock();
  const options = {
    clock,
    retention: typeof retention === "function" ? retention : () => ({ ...KEEP_ALL, ...retention }),
  };
  const made: Bench = {
    clock,
    log: await subject.open(options),
    restart: async () => {
      if (subject.reopen !== undefined) made.log = await subject.reopen(made.log, options);
    },
  };
  return made;
}
