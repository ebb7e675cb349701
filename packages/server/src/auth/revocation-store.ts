/** One thing that is no longer believed. Times in milliseconds since 1970. */
export interface Revocation {
  readonly kind: "user" | "token" | "key";
  /** User id, `jti` of the token, or name of the API key. */
  readonly id: string;
  /** For a user: tokens made at or before this time are refused, later ones are not. */
  readonly before: number;
  /** Forgotten after this time: by then every token that it concerns has ended. */
  readonly until: number;
}

const KINDS: readonly unknown[] = ["user", "token", "key"];

/** Whether it has all fields and they are right; more may be there. */
export function isRevocation(entry: unknown): entry is Revocation {
  if (typeof entry !== "object" || entry === null) return false;
  const { kind, id, before, until } = entry as Partial<Record<keyof Revocation, unknown>>;
  return KINDS.includes(kind) && typeof id === "string" && typeof before === "number" && typeof until === "number";
}

/** Where revocations survive a restart. */
export interface RevocationStore {
  /** Rejects if what is stored cannot be read: a server must not start as if nothing were revoked. */
  load(): Promise<readonly Revocation[]>;
  /** Replaces what is stored, all or nothing. Calls keep their order. */
  save(all: readonly Revocation[]): Promise<void>;
}
