import { idContract } from "./contract/ids.ts";
import { orderContract } from "./contract/order.ts";
import { readContract } from "./contract/read.ts";
import { retainedContract } from "./contract/retained.ts";
import { retentionContract } from "./contract/retention.ts";
import { roundTripContract } from "./contract/round-trip.ts";
import { stateContract } from "./contract/state.ts";
import type { LogSubject } from "./contract/subject.ts";

/** What every adapter of the log port must do. The rules are in docs/spec/log.md. */
export function logContract(name: string, subject: LogSubject): void {
  orderContract(name, subject);
  idContract(name, subject);
  readContract(name, subject);
  retentionContract(name, subject);
  retainedContract(name, subject);
  roundTripContract(name, subject);
  stateContract(name, subject);
}
