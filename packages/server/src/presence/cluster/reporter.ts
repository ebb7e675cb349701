import type { Clock } from "../../clock.ts";
import type { OwnMembers } from "./own-members.ts";
import type { Voice } from "./voice.ts";
import { NewsWriter } from "./writer.ts";

/** Milliseconds between two batches. Who watches a list of names cannot see the difference. */
const INTERVAL = 50;
/** Messages in one batch: a batch of a megabyte, 20 megabytes a second. */
const MAX_MESSAGES = 16;

/**
 * Tells the others what changes among this gateway's members: at once if it was quiet, then in batches. A member who came and
 * went between two batches is told as it is by then.
 */
export class Reporter {
  readonly #clock: Clock;
  readonly #voice: Voice;
  readonly #own: OwnMembers;
  /** Users to tell of, by topic. */
  readonly #pending = new Map<string, Set<string>>();
  #last = -Infinity;
  #scheduled = false;

  constructor(clock: Clock, voice: Voice, own: OwnMembers) {
    this.#clock = clock;
    this.#voice = voice;
    this.#own = own;
  }

  changed(topic: string, user: string): void {
    const users = this.#pending.get(topic);
    if (users === undefined) this.#pending.set(topic, new Set([user]));
    else users.add(user);
    this.#schedule();
  }

  /** Number and count, so that a last message that was lost is noticed. While changes wait, their own numbers do that. */
  digest(): void {
    if (this.#pending.size === 0) this.#voice.digest(this.#own.count);
  }

  /** Tells what there is to tell; what is more than a batch waits for the next. */
  flush(): void {
    this.#last = this.#clock.now();
    if (!this.#voice.isHeard) return this.#drop();
    const writer = new NewsWriter(this.#voice.maxChars);
    for (let messages = 0; messages < MAX_MESSAGES && this.#pending.size > 0; messages++) {
      this.#fill(writer);
      if (!writer.isEmpty) this.#voice.say("change", writer.take());
    }
    if (this.#pending.size > 0) this.#schedule();
  }

  /** Tells what it still can; what is left is not told. */
  close(): void {
    this.flush();
    this.#pending.clear();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A clock may be set back.
    const wait = Math.min(INTERVAL, this.#last + INTERVAL - this.#clock.now());
    if (wait > 0) this.#clock.after(wait, this.#due);
    else this.#clock.endOfTurn(this.#due);
  }

  readonly #due = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #fill(writer: NewsWriter): void {
    for (const [topic, users] of this.#pending) {
      for (const user of users) {
        if (writer.isFull) return;
        users.delete(user);
        this.#write(writer, topic, user);
      }
      this.#pending.delete(topic);
    }
  }

  #write(writer: NewsWriter, topic: string, user: string): void {
    const found = this.#own.find(topic, user);
    if (found === undefined) writer.gone(topic, user);
    else writer.present(topic, found.grace, found.present);
  }

  /** Nobody hears it: they will ask for a snapshot. */
  #drop(): void {
    if (this.#pending.size === 0) return;
    this.#pending.clear();
    this.#voice.skip();
  }
}
