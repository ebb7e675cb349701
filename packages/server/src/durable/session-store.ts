/**
 * The port for sessions that outlive a connection: who comes back finds its subscriptions, how far each had come in the
 * log, and what was under way. Messages are not in it: a session holds positions of the log, so a thousand absent clients
 * of a topic cost a thousand positions, and not a thousand copies of each message.
 *
 * Only what a protocol calls durable is written; a session that ends with its connection is never here. Ids and texts are
 * any Unicode, save lone surrogates.
 */
export interface SessionStore {
  /**
   * All that is stored of a session; undefined if there is none. It sees what was written by calls before it, and nothing
   * that is not as durable as promised. Rejects with `SessionsUnavailable`.
   */
  load(id: string): Promise<StoredSession | undefined>;

  /**
   * Takes a session over from whoever had it: `decide` is told what is stored and says what is to be changed at once. From then on
   * the writes of earlier claims are refused with `SessionTaken`, so that one who believes to have it still cannot spoil it.
   * `decide` must not throw. It may be called several times, the last call counts; `undefined` leaves everything as it is. Of a
   * session that does not exist afterwards there is nothing to be had: two may claim it, and the first to create it has it.
   * Rejects with `SessionsUnavailable`.
   */
  claim(id: string, decide: Decide): Promise<Claimed>;

  /**
   * Applies the changes in their order, all or none, and resolves when they survive what the adapter promises: nothing
   * (memory), a kill -9 of the program, or a loss of power. Calls take effect in the order in which they were made. A
   * change of a session that does not exist is ignored, but for `create`; so is one of a subscription or flight that does
   * not exist. It ends the claim that somebody has. Rejects with `SessionsUnavailable`; then none of these changes was stored, save after a failed sync: what
   * was written may then be there after a restart. The changes must not be altered before it resolves.
   */
  write(id: string, changes: readonly SessionChange[]): Promise<void>;

  /**
   * Sessions whose owner is none of these, with their owners, at most `limit`, in no order. What other gateways have written in the
   * last moment may be missing; so it may in `expired` and `count`.
   */
  strays(owners: readonly string[], limit: number): Promise<readonly Stray[]>;

  /** Sessions with `expires` at or before `now` (milliseconds since 1970), the earliest first, at most `limit`. */
  expired(now: number, limit: number): Promise<readonly string[]>;

  /** Sessions that are stored. */
  count(): Promise<number>;

  /** A round through the engine, for readiness. Rejects with `SessionsUnavailable`. */
  probe(): Promise<void>;

  /** Stores what was written before, then ends. Later calls reject with `SessionsUnavailable`. */
  close(): Promise<void>;
}

export type Decide = (stored: StoredSession | undefined) => readonly SessionChange[] | undefined;

export interface Claimed {
  /** What was stored before the changes. */
  readonly stored: StoredSession | undefined;
  /** Undefined if `decide` left the session as it is. */
  readonly claim: SessionClaim | undefined;
}

/** The right to change a session, until somebody else claims it. */
export interface SessionClaim {
  /** Of two claims of a session the later one has the higher number. */
  readonly number: number;
  /** As `SessionStore.write`; rejects with `SessionTaken` as well. */
  write(changes: readonly SessionChange[]): Promise<void>;
  /** It is not needed any more. What was written before is stored all the same. */
  release(): void;
}

export interface Stray {
  readonly id: string;
  readonly owner: string;
}

export interface StoredSession {
  /** Who made it: nobody else may have it. Undefined for anonymous clients. */
  readonly user: string | undefined;
  /** Who has its client: a gateway's id. Undefined while the client is away. */
  readonly owner: string | undefined;
  /** Milliseconds since 1970, when somebody must look after it; undefined for never. */
  readonly expires: number | undefined;
  /** What the protocol keeps for the session as a whole, as text of its own (a will that waits). */
  readonly note: string | undefined;
  /** In the order in which they were made. */
  readonly subscriptions: readonly StoredSubscription[];
  /** In the order in which they were put. */
  readonly flights: readonly Flight[];
}

export interface StoredSubscription {
  readonly filter: string;
  /** What the protocol knows of it, as text of its own. */
  readonly options: string;
  /** How far it is done in each log that holds topics of the filter; in no order. */
  readonly positions: readonly StoredPosition[];
}

export interface StoredPosition {
  /** Epoch of the log: it names the log, and an offset of another epoch says nothing. */
  readonly epoch: string;
  /** Everything of the filter up to here is done. */
  readonly offset: number;
}

/** One message that is under way. */
export interface Flight {
  /** `out`: from the server to the client; `in`: from the client to the server. Packet ids of the two do not meet. */
  readonly direction: "out" | "in";
  /** The protocol's number for it, 1 to 65,535: unique for a direction. */
  readonly packet: number;
  /** `sent`: it may have arrived; `received`: the receiver has said that it has it. */
  readonly state: "sent" | "received";
  /** `out`: the subscription that it belongs to, and where the message stands. Empty and 0 for `in`. */
  readonly filter: string;
  readonly epoch: string;
  readonly offset: number;
  /** `in`: the id under which the log stores it, so that a second one is known. `out`: what the protocol notes of it. */
  readonly messageId: string;
}

export type SessionChange =
  /** Makes it, and forgets whatever was stored under this id before. */
  | { readonly kind: "create"; readonly user: string | undefined }
  | { readonly kind: "expires"; readonly at: number | undefined }
  | { readonly kind: "owner"; readonly owner: string | undefined }
  | { readonly kind: "note"; readonly text: string | undefined }
  /** Makes or changes a subscription. Its positions stay as they are. */
  | { readonly kind: "subscribe"; readonly filter: string; readonly options: string }
  /** Removes it with its positions; flights that belong to it stay. */
  | { readonly kind: "unsubscribe"; readonly filter: string }
  /** Sets the position of a subscription in one log. Ignored if there is no such subscription. */
  | { readonly kind: "position"; readonly filter: string; readonly epoch: string; readonly offset: number }
  /** Makes a flight, or replaces the one with the same direction and packet (which keeps its place). */
  | { readonly kind: "flight"; readonly flight: Flight }
  | { readonly kind: "landed"; readonly direction: "out" | "in"; readonly packet: number }
  /** Forgets the session with all that belongs to it. */
  | { readonly kind: "delete" };

/** The engine is away, full, closed or damaged. Nothing of the call was stored. */
export class SessionsUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SessionsUnavailable";
  }
}

/** Somebody else has claimed the session. Nothing of the call was stored. */
export class SessionTaken extends Error {
  constructor(id: string) {
    super(`the session ${JSON.stringify(id)} was taken over by another connection`);
    this.name = "SessionTaken";
  }
}
