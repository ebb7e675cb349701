import { wait, type Clock } from "../../../clock.ts";
import { SessionModel } from "../../../durable/session-model.ts";
import {
  SessionsUnavailable,
  SessionTaken,
  type SessionChange,
  type SessionClaim,
} from "../../../durable/session-store.ts";
import type { Order, Park } from "./order.ts";
import { encodeBase, encodeDelta, type Moved } from "./record.ts";
import { Conflict, type Draft, type Known, type SessionStream } from "./stream.ts";
import type { SessionPlace } from "./subjects.ts";

export interface ClaimParts {
  readonly stream: SessionStream;
  readonly order: Order;
  readonly clock: Clock;
  /** Milliseconds for which a write waits for a server that is away. */
  readonly patience: number;
  readonly isClosed: () => boolean;
}

/** One who may write to a session. It knows all of it, since a write of JetStream is a whole message. */
export class NatsClaim implements SessionClaim {
  readonly number: number;
  readonly #parts: ClaimParts;
  readonly #place: SessionPlace;
  readonly #token: string;
  #writes = 0;
  /** Undefined after a write that failed: it is read again. */
  #known: Known | undefined;
  #model: SessionModel | undefined;
  #by = "";
  #moved = new Map<string, Moved>();
  #released = false;

  /** `known`: what the stream holds; the first write takes the session over. */
  constructor(parts: ClaimParts, place: SessionPlace, token: string, known: Known) {
    this.#parts = parts;
    this.#place = place;
    this.#token = token;
    this.#by = known.by;
    this.#adopt(known);
    this.number = known.last;
  }

  write(changes: readonly SessionChange[]): Promise<void> {
    if (this.#parts.isClosed()) return Promise.reject(closed());
    if (this.#released) return Promise.reject(new SessionTaken(this.#place.id));
    return this.#parts.order.run(this.#place.id, (park) => this.#write(changes, park));
  }

  release(): void {
    this.#released = true;
  }

  async #write(changes: readonly SessionChange[], park: Park): Promise<void> {
    await this.#recall();
    const draft = this.#draft(changes);
    if (draft === undefined) return;
    try {
      await this.#store(draft, park);
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }

  /** What the stream holds, after a failure that left it unknown. */
  async #recall(): Promise<void> {
    if (this.#known !== undefined) return;
    const known = await this.#parts.stream.read(this.#place);
    if (known.by !== this.#by && known.by !== this.#nameOf(this.#writes)) throw new SessionTaken(this.#place.id);
    this.#by = known.by;
    this.#adopt(known);
  }

  #adopt(known: Known): void {
    this.#known = known;
    this.#model = known.stored && SessionModel.of(known.stored);
    // Whether its positions are in the base or in the delta does not show: they are written once more.
    this.#moved = new Map();
    for (const { filter, positions } of known.stored?.subscriptions ?? [])
      for (const { epoch, offset } of known.delta > known.base ? positions : [])
        this.#noteMoved({ filter, epoch, offset });
  }

  /** Changes the model. Undefined: there is nothing to be written. */
  #draft(changes: readonly SessionChange[]): Draft | undefined {
    const { base = 0 } = this.#known ?? {};
    const had = this.#model !== undefined;
    const isSmall = had && changes.every(({ kind }) => SMALL.has(kind));
    for (const change of changes) this.#apply(change);
    if (!had && this.#model === undefined) return undefined;
    this.#writes += 1;
    if (!isSmall) return baseDraft(this.#place, this.#nameOf(this.#writes), this.#model);
    const moved = [...this.#moved.values()];
    const flights = [...(this.#model?.flights ?? [])];
    const body = encodeDelta({ by: this.#nameOf(this.#writes), base, moved, flights });
    return { subject: this.#place.delta, body, label: undefined, isEnd: false };
  }

  #apply(change: SessionChange): void {
    this.#model = changed(this.#model, change);
    if (change.kind === "position" && this.#model?.hasSubscription(change.filter) === true) this.#noteMoved(change);
  }

  #noteMoved({ filter, epoch, offset }: Moved): void {
    this.#moved.set(`${epoch}\n${filter}`, { filter, epoch, offset });
  }

  /** A server that is away is waited for, since everything that the client does depends on it. */
  async #store(draft: Draft, park: Park): Promise<void> {
    const { clock, stream, patience } = this.#parts;
    const until = clock.now() + patience;
    for (;;) {
      try {
        return this.#stored(draft, await stream.write(this.#place, draft, this.#known?.last ?? 0));
      } catch (error) {
        if (error instanceof Conflict) return await this.#settle(draft);
        if (!isAway(error) || clock.now() >= until || this.#parts.isClosed()) throw error;
        park();
        await wait(clock, RETRY);
      }
    }
  }

  /** The answer to a first try may have been lost. */
  async #settle(draft: Draft): Promise<void> {
    const known = await this.#parts.stream.read(this.#place);
    if (known.by === this.#nameOf(this.#writes)) return this.#stored(draft, known.last);
    // What says that the session is gone goes by itself after a while.
    const isForgotten = known.last === 0 && this.#by === ENDED;
    if (!isForgotten) throw new SessionTaken(this.#place.id);
    return this.#stored(draft, await this.#parts.stream.write(this.#place, draft, 0));
  }

  #stored({ subject, isEnd }: Draft, last: number): void {
    const { stream } = this.#parts;
    const { base = 0, delta = 0 } = this.#known ?? {};
    const isBase = stream.subjects.isBase(subject);
    if (isBase) this.#moved.clear();
    if (isEnd && delta > 0) stream.remove(delta);
    this.#by = isEnd ? ENDED : this.#nameOf(this.#writes);
    this.#known = {
      stored: undefined,
      by: this.#by,
      last,
      base: isBase ? last : base,
      delta: isBase ? (isEnd ? 0 : delta) : last,
    };
  }

  #nameOf(write: number): string {
    return `${this.#token}:${write}`;
  }
}

/** A message that holds all of a session, or says that it is gone. */
export function baseDraft({ id, base }: SessionPlace, by: string, model: SessionModel | undefined): Draft {
  const session = model?.stored();
  const { owner, expires } = session ?? {};
  return {
    subject: base,
    body: session === undefined ? "" : encodeBase({ by, session }),
    label: { id, owner, expires },
    isEnd: session === undefined,
  };
}

export function changed(model: SessionModel | undefined, change: SessionChange): SessionModel | undefined {
  if (change.kind === "create") return new SessionModel(change.user);
  if (change.kind === "delete") return undefined;
  model?.change(change);
  return model;
}

export function closed(): SessionsUnavailable {
  return new SessionsUnavailable("the session store is closed");
}

/** A refusal has no cause: trying again would not help. */
function isAway(error: unknown): boolean {
  return error instanceof SessionsUnavailable && error.cause !== undefined;
}

/** Changes that go into the delta. */
const SMALL: ReadonlySet<SessionChange["kind"]> = new Set(["flight", "landed", "position"]);
const ENDED = "";
/** Milliseconds between two tries. */
const RETRY = 200;
