import { claimContract } from "./contract/claims.contract.ts";
import { flightContract } from "./contract/flights.contract.ts";
import { modelContract } from "./contract/model.contract.ts";
import { sessionContract } from "./contract/sessions.contract.ts";
import type { SessionStoreSubject } from "./contract/subject.ts";
import { subscriptionContract } from "./contract/subscriptions.contract.ts";
import { writeContract } from "./contract/writes.contract.ts";

/** What every adapter of the session store must do. The rules are in docs/spec/durable-sessions.md. */
export function sessionStoreContract(name: string, subject: SessionStoreSubject): void {
  sessionContract(name, subject);
  subscriptionContract(name, subject);
  flightContract(name, subject);
  writeContract(name, subject);
  claimContract(name, subject);
  modelContract(name, subject);
}
