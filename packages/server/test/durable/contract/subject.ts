import type { SessionStore } from "../../../src/durable/session-store.ts";

/** An adapter under test. */
export interface SessionStoreSubject {
  /** A new, empty store. The subject removes what it left when the test is over. */
  open(): Promise<SessionStore>;
  /** One that is full after at most 100 sessions of 50 KB. */
  openSmall(): Promise<SessionStore>;
  /** Closes the store and opens what it stored again. Absent for one that survives nothing. */
  reopen?(store: SessionStore): Promise<SessionStore>;
}
