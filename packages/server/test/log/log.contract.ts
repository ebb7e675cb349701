import { idContract } from "./contract/ids.contract.ts";
import { orderContract } from "./contract/order.contract.ts";
import { readContract } from "./contract/read.contract.ts";
import { retainedContract } from "./contract/retained.contract.ts";
import { retentionContract } from "./contract/retention.contract.ts";
import { roundTripContract } from "./contract/round-trip.contract.ts";
import { stateContract } from "./contract/state.contract.ts";
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
