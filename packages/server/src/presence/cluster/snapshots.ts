import type { Cancel, Clock } from "../../clock.ts";
import type { OwnMember, OwnMembers } from "./own-members.ts";
import type { Voice } from "./voice.ts";
import { NewsWriter } from "./writer.ts";

/** Milliseconds to the first piece: after an outage all ask, and one snapshot is for all. */
const GATHER = 50;
/** Milliseconds between two pieces: 5 megabytes a second. */
const PAUSE = 10;
/** With more other gateways the pieces are further apart: after an outage all tell theirs at once, and each must read them all. */
const FEW = 5;
/** Milliseconds between two snapshots. */
const REST = 500;

export interface SnapshotParts {
  readonly clock: Clock;
  readonly voice: Voice;
  readonly own: OwnMembers;
  readonly others: () => number;
}

/**
 * Tells all of this gateway's members, in pieces between the changes and in one order with them. So a piece need not be held
 * against the changes that come meanwhile, and whoever has no use for it passes it over.
 */
export class Snapshots {
  readonly #clock: Clock;
  readonly #voice: Voice;
  readonly #own: OwnMembers;
  readonly #others: () => number;
  #members: Iterator<OwnMember, undefined> | undefined = undefined;
  /** Read, but not told yet. */
  #next: OwnMember | undefined = undefined;
  #wanted = false;
  #timer: Cancel | undefined = undefined;
  /** Snapshots begun. */
  begun = 0;

  /** `others`: gateways besides this one. */
  constructor({ clock, voice, own, others }: SnapshotParts) {
    this.#clock = clock;
    this.#voice = voice;
    this.#own = own;
    this.#others = others;
  }

  /** Somebody needs one. If one is under way another one follows. */
  want(): void {
    this.#wanted = true;
    if (this.#timer === undefined) this.#in(GATHER, this.#begin);
  }

  close(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#wanted = false;
  }

  #in(ms: number, task: () => void): void {
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      task();
    });
  }

  readonly #begin = (): void => {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.begun++;
    this.#members = this.#own.each();
    this.#next = this.#members.next().value;
    this.#tell(true);
  };

  #tell(isFirst: boolean): void {
    // Who waits for the rest asks again.
    if (!this.#voice.isHeard) return this.#rest();
    const writer = new NewsWriter(this.#voice.maxChars);
    for (; this.#next !== undefined && !writer.isFull; this.#next = this.#members?.next().value)
      this.#write(writer, this.#next);
    const isLast = this.#next === undefined;
    this.#voice.say(isFirst ? (isLast ? "whole" : "begin") : isLast ? "end" : "more", writer.take());
    if (isLast) this.#rest();
    else this.#in(PAUSE * Math.max(1, Math.ceil(this.#others() / FEW)), () => this.#tell(false));
  }

  /** It was found some milliseconds ago: as it is now, or not at all. */
  #write(writer: NewsWriter, { topic, present: { user } }: OwnMember): void {
    const found = this.#own.find(topic, user);
    if (found !== undefined) writer.present(topic, found.grace, found.present);
  }

  #rest(): void {
    this.#members = undefined;
    this.#next = undefined;
    this.#in(REST, this.#begin);
  }
}
