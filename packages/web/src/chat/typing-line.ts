import type { Client, Subscription } from "@tidegate/client";
import type { Person } from "../state/person.ts";
import { believed, typed, type Typing, TYPING_EVERY, TYPING_LASTS, typingTopic } from "../state/typing.ts";
import type { Environment } from "./environment.ts";

export interface TypingParts {
  readonly client: Client;
  readonly room: string;
  readonly environment: Environment;
  readonly update: (change: (typing: Typing) => Typing) => void;
}

/** Who types in the room that is shown. Words are of low priority, at most one every 3 s, and none while offline. */
export class TypingLine {
  readonly #parts: TypingParts;
  readonly #subscription: Subscription;
  readonly #timers = new Set<() => void>();
  #last = 0;
  #refused = false;

  constructor(parts: TypingParts) {
    this.#parts = parts;
    const { client, room, environment, update } = parts;
    this.#subscription = client.subscribe(typingTopic(room), { repair: false }, (message) => {
      update((typing) => typed(typing, message, environment.now()));
      this.#forgetLater();
    });
  }

  /** The person typed something. */
  tell({ id, name }: Person): void {
    const { client, room, environment } = this.#parts;
    const now = environment.now();
    if (this.#refused || client.state.kind !== "connected" || now - this.#last < TYPING_EVERY) return;
    this.#last = now;
    client.publish(typingTopic(room), { name, sender: id }, { priority: "low" }).catch(() => (this.#refused = true));
  }

  /** The message is sent: the next word may go at once. */
  done(): void {
    this.#last = 0;
  }

  end(): void {
    this.#subscription.unsubscribe();
    for (const cancel of this.#timers) cancel();
    this.#parts.update((typing) => (typing.size === 0 ? typing : new Map()));
  }

  #forgetLater(): void {
    const { environment, update } = this.#parts;
    const cancel = environment.after(TYPING_LASTS + 50, () => {
      this.#timers.delete(cancel);
      update((typing) => believed(typing, environment.now()));
    });
    this.#timers.add(cancel);
  }
}
