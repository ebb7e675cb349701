import type { Backoff } from "./backoff.ts";
import { TOKEN_EXPIRED } from "./codes.ts";
import type { Channel } from "./connection.ts";
import type { Environment } from "./environment.ts";
import { clientError, type TidegateError } from "./errors.ts";
import type { Priority } from "./message.ts";
import type { QueueLimits } from "./options.ts";
import { encodePayload } from "./payload.ts";
import type { Published } from "./wire.ts";

export interface PublishOptions {
  /** `text`: the string is sent as UTF-8 text instead of JSON. */
  readonly as?: "json" | "text";
  /** Chosen by you, if the retry may come from another process. Default: a new one. At most 128 characters. */
  readonly messageId?: string;
  readonly priority?: Priority;
  readonly headers?: Readonly<Record<string, string>>;
  /** Keep it as the topic's retained value. */
  readonly retain?: boolean;
}

interface Item {
  readonly topic: string;
  /** JSON. */
  readonly body: string;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: TidegateError) => void;
  sent: boolean;
}

/** The publishes of one topic, oldest first. */
interface Lane {
  readonly items: Item[];
  failures: number;
  /** Set while the back-off of a temporary error runs. */
  cancel: (() => void) | undefined;
}

/**
 * Keeps each publish until its reply. Every one has a message id, so sending it again after a lost reply stores it once.
 * Only a final error, a full queue or the client's end rejects it.
 */
export class Publisher {
  readonly #env: Environment;
  readonly #limits: QueueLimits;
  readonly #backoff: Backoff;
  readonly #lanes = new Map<string, Lane>();
  #channel: Channel | undefined;
  #messages = 0;
  #size = 0;

  constructor(env: Environment, limits: QueueLimits, backoff: Backoff) {
    this.#env = env;
    this.#limits = limits;
    this.#backoff = backoff;
  }

  /** Publishes that have no reply yet. */
  get pending(): number {
    return this.#messages;
  }

  /** Rejects with `queue_full`, with the server's final error, or with a TypeError for data that JSON cannot carry. */
  publish(topic: string, data: unknown, options: PublishOptions): Promise<Published> {
    return new Promise((resolve, reject) => {
      const { as, messageId = this.#env.newId(), ...rest } = options;
      // As text at once: what the app does to its object from now on must not change the message.
      const body = JSON.stringify({ topic, messageId, ...rest, ...encodePayload(data, as) });
      this.#add({ topic, body, resolve, reject, sent: false });
    });
  }

  up(channel: Channel): void {
    this.#channel = channel;
    for (const lane of this.#lanes.values()) this.#wake(lane);
  }

  down(): void {
    this.#channel = undefined;
  }

  close(error: TidegateError): void {
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    this.#messages = this.#size = 0;
    for (const lane of lanes) {
      lane.cancel?.();
      for (const item of lane.items.splice(0)) item.reject(error);
    }
  }

  #add(item: Item): void {
    const { messages, bytes } = this.#limits;
    if (this.#messages >= messages || this.#size + item.body.length > bytes) {
      const full = `${this.#messages} publishes of ${this.#size} characters wait for their reply; allowed are ${messages} of ${bytes}`;
      return item.reject(clientError("queue_full", full, { temporary: true }));
    }
    const lane = this.#lanes.get(item.topic) ?? { items: [], failures: 0, cancel: undefined };
    this.#lanes.set(item.topic, lane);
    lane.items.push(item);
    this.#messages++;
    this.#size += item.body.length;
    this.#pump(lane);
  }

  /** Sends what may go: in order, and nothing past an item that waits for its retry. */
  #pump(lane: Lane): void {
    if (!this.#channel || lane.cancel) return;
    for (const item of lane.items.slice(0, this.#limits.inFlight))
      if (!item.sent) this.#send(this.#channel, lane, item);
  }

  #send(channel: Channel, lane: Lane, item: Item): void {
    item.sent = true;
    channel.send(
      "publish",
      item.body,
      (reply) => {
        lane.failures = 0;
        if (this.#remove(lane, item)) item.resolve(reply);
        this.#pump(lane);
      },
      (error) => this.#failed(lane, item, error),
    );
  }

  #failed(lane: Lane, item: Item, error: TidegateError): void {
    item.sent = false;
    if (error.reason === "connection_lost") return;
    if (error.code === TOKEN_EXPIRED) return this.#channel?.fail(error.reason, error.message);
    if (!error.temporary) {
      if (this.#remove(lane, item)) item.reject(error);
      return this.#pump(lane);
    }
    const wait = this.#backoff(lane.failures++, error.reason);
    lane.cancel ??= this.#env.clock.after(wait, () => this.#wake(lane));
  }

  #wake(lane: Lane): void {
    lane.cancel?.();
    lane.cancel = undefined;
    this.#pump(lane);
  }

  #remove(lane: Lane, item: Item): boolean {
    const at = lane.items.indexOf(item);
    if (at < 0) return false;
    lane.items.splice(at, 1);
    this.#messages--;
    this.#size -= item.body.length;
    if (lane.items.length === 0) this.#lanes.delete(item.topic);
    return true;
  }
}
