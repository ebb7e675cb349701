import { BusUnavailable, type Bus, type BusSubject, type BusSubscription } from "../../cluster/bus.ts";
import { subjectText } from "../../cluster/subject.ts";
import { Watchers } from "../../cluster/watchers.ts";
import type { MemoryBusHub } from "./bus-hub.ts";
import { Listeners } from "./listeners.ts";

/** The bus as one node of a `MemoryBusHub` has it. */
export class MemoryBus implements Bus {
  readonly handlers = new Listeners<Handler>();
  readonly answers = new Listeners<Answer>();
  readonly #hub: MemoryBusHub;
  readonly #leave: (bus: MemoryBus) => void;
  readonly #watchers = new Watchers<(isUp: boolean) => void>();
  /** What rejects those who wait for an answer. */
  readonly #waiting = new Set<(error: Error) => void>();
  #state: "up" | "silent" | "down" | "closed" = "up";

  constructor(hub: MemoryBusHub, leave: (bus: MemoryBus) => void) {
    this.#hub = hub;
    this.#leave = leave;
  }

  get maxPayload(): number {
    return this.#hub.maxPayload;
  }

  get isUp(): boolean {
    return this.#state === "up" || this.#state === "silent";
  }

  /** Whether anything comes and goes: a node that does not know yet that it was cut off is up all the same. */
  get isLinked(): boolean {
    return this.#state === "up";
  }

  /** Cuts this node off from all others, and from itself. `silently`: it does not notice. */
  cut({ silently = false }: { readonly silently?: boolean } = {}): void {
    this.#become(silently ? "silent" : "down");
  }

  /** The end of `cut`. */
  restore(): void {
    this.#become("up");
  }

  publish(subject: BusSubject, payload: Uint8Array): void {
    const text = subjectText(subject);
    checkPayload(payload, this.maxPayload);
    if (!this.isLinked) return;
    const sent = payload.slice();
    this.#hub.carry(() => {
      // What was published before the close is sent.
      if (this.isLinked || this.#state === "closed")
        for (const handler of this.#hub.reached(text)) handler(sent.slice());
    });
  }

  subscribe(subject: BusSubject, handler: Handler): BusSubscription {
    return this.#listen(this.handlers, subject, handler);
  }

  answer(subject: BusSubject, handler: Answer): BusSubscription {
    return this.#listen(this.answers, subject, handler);
  }

  async request(subject: BusSubject, payload: Uint8Array, timeout: number): Promise<Uint8Array> {
    const text = subjectText(subject);
    checkPayload(payload, this.maxPayload);
    return this.#round(timeout, `an answer on ${text}`, (resolve, reject) => {
      const found = this.#hub.answerer(text);
      if (found === undefined) return reject(new BusUnavailable(`nobody answers on ${text}`));
      found.answer(payload.slice()).then(
        (given) => {
          const answer = given.slice();
          if (answer.length > this.maxPayload) return;
          this.#hub.carry(() => this.isLinked && found.node.isLinked && resolve(answer));
        },
        // As the port says: no answer.
        () => {},
      );
    });
  }

  watch(changed: (isUp: boolean) => void): () => void {
    return this.#watchers.add(changed);
  }

  probe(): Promise<void> {
    return this.#round<void>(PROBE_TIMEOUT, "the bus", (resolve) => resolve());
  }

  async close(): Promise<void> {
    for (const reject of this.#waiting) reject(closed());
    this.#watchers.clear();
    this.handlers.clear();
    this.answers.clear();
    this.#become("closed");
    this.#leave(this);
  }

  #listen<T>(listeners: Listeners<T>, subject: BusSubject, handler: T): BusSubscription {
    const end = this.#state === "closed" ? () => {} : listeners.add(subjectText(subject), handler);
    const ready = this.isLinked ? Promise.resolve() : Promise.reject(away());
    // Nobody has to look at it.
    ready.catch(() => {});
    return { ready, end };
  }

  /** Goes out, and settles when it comes back or when it takes too long. */
  async #round<T>(timeout: number, what: string, arrived: Arrived<T>): Promise<T> {
    if (!this.isUp) throw this.#state === "closed" ? closed() : away();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const late = (): void => reject(new BusUnavailable(`${what} took longer than ${timeout} ms`));
    const cancel = this.#hub.clock.after(timeout, late);
    this.#waiting.add(reject);
    if (this.isLinked) this.#hub.carry(() => this.isLinked && arrived(resolve, reject));
    return promise.finally(() => {
      cancel();
      this.#waiting.delete(reject);
    });
  }

  #become(state: "up" | "silent" | "down" | "closed"): void {
    if (this.#state === "closed") return;
    const before = this.isUp;
    this.#state = state;
    if (this.isUp !== before) this.#watchers.tell((changed) => changed(this.isUp));
  }
}

export type Handler = (payload: Uint8Array) => void;
export type Answer = (payload: Uint8Array) => Promise<Uint8Array>;
type Arrived<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => void;

function away(): BusUnavailable {
  return new BusUnavailable("the bus is away");
}

function closed(): BusUnavailable {
  return new BusUnavailable("the bus is closed");
}

function checkPayload({ length }: Uint8Array, max: number): void {
  if (length > max) throw new RangeError(`a payload of ${length} bytes is too long for the bus: it takes ${max}`);
}

/** Milliseconds. */
const PROBE_TIMEOUT = 2000;
