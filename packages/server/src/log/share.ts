import type { Stored } from "@tidegate/protocol";

/** A subscription that several share, on as many nodes as they like: each message goes to one of them. */
export interface ShareWish {
  /** Who names the same shares with one another. */
  readonly name: string;
  readonly filter: string;
  /** Offset behind which it begins if nobody has begun it; undefined: now. */
  readonly after: number | undefined;
  /** Milliseconds for which its place is kept at least while nobody takes part. */
  readonly keep: number;
}

export interface ShareTaker {
  /** Messages that can be taken now. */
  room(): number;
  /** One that was given to somebody before, and is not done, may come again. Must not throw. */
  take(stored: Stored): void;
}

/** One node's part in it. What it takes is its own until it is done with it, gives it back, or is gone. */
export interface Share {
  /** Resolves when it has begun: what is stored from then on is given out. Rejects with `LogUnavailable`. */
  readonly ready: Promise<void>;
  /** There may be room. */
  pump(): void;
  done(offset: number): void;
  /** Somebody else is to have it. */
  giveBack(offset: number): void;
  /** Its place is kept for so long at least, also if that is longer than what it began with. */
  keep(ms: number): void;
  /** Gives back what is not done. */
  stop(): void;
}
