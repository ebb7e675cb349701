import { expect } from "bun:test";
import type { Client } from "../session/client.ts";
import type { Stage } from "../session/stage.ts";

/** What may happen around a subscription, in any order. */
export const STEPS = [
  "publish",
  "publish high",
  "publish elsewhere",
  "join",
  "resume",
  "window",
  "leave",
  "settle",
  "time",
  "stall",
  "drain",
  "hold reads",
  "open reads",
] as const;

export type Step = (typeof STEPS)[number];

const TOPIC = "chat/a";

/** A client that comes, goes and comes back while somebody publishes, and checks whatever it is given. */
export class Follower {
  readonly #stage: Stage;
  readonly #robot: Client;
  readonly #reader: Client;
  /** Offset of the newest message that it got, and of the position where its subscription began. */
  #last = 0;
  #from = 0;
  #joined = false;
  #openReads = (): void => {};

  constructor(stage: Stage, robot: Client, reader: Client) {
    this.#stage = stage;
    this.#robot = robot;
    this.#reader = reader;
  }

  async take(step: Step): Promise<void> {
    await this.#steps[step]();
  }

  /** When all is quiet, a subscription has everything. */
  async finish(): Promise<void> {
    this.#openReads();
    this.#drain();
    await this.#stage.advance(100);
    this.#check();
    if (!this.#joined) return;
    const { messages } = await this.#stage.log.latest({ topic: TOPIC, limit: 1 });
    expect(this.#position).toBeGreaterThanOrEqual(messages[0]?.offset ?? 0);
  }

  readonly #steps: Readonly<Record<Step, () => void | Promise<void>>> = {
    publish: () => this.#publish(TOPIC, "normal"),
    "publish high": () => this.#publish(TOPIC, "high"),
    "publish elsewhere": () => this.#publish("chat/b", "normal"),
    join: () => this.#join(() => ({})),
    resume: () => this.#join(() => ({ since: { epoch: "e1", offset: this.#position } })),
    window: () => this.#join(() => ({ window: 10_000 })),
    leave: () => this.#leave(),
    settle: () => this.#stage.settle(),
    time: () => this.#stage.advance(20),
    stall: () => void (this.#reader.wire.buffered = 60_000),
    drain: () => this.#drain(),
    "hold reads": () => {
      this.#openReads();
      this.#openReads = this.#stage.log.holdReads();
    },
    "open reads": () => this.#openReads(),
  };

  get #position(): number {
    return Math.max(this.#last, this.#from);
  }

  #publish(topic: string, priority: string): void {
    this.#robot.do({ publish: { topic, data: 1, priority } });
  }

  async #join(options: () => object): Promise<void> {
    await this.#leave();
    const more = options();
    this.#reader.do({ subscribe: { topic: TOPIC, ...more } });
    this.#joined = true;
    if (!("since" in more)) this.#from = this.#stage.stream.dispatched;
  }

  async #leave(): Promise<void> {
    if (!this.#joined) return;
    await this.#stage.settle();
    this.#reader.do({ unsubscribe: { topic: TOPIC } });
    this.#joined = false;
    this.#check();
  }

  #drain(): void {
    this.#reader.wire.buffered = 0;
    this.#reader.session.drained();
  }

  /** Offsets grow, and the chain has no break: what was before a message came, or was before the subscription. */
  #check(): void {
    for (const each of this.#reader.takeAll()) {
      if (each.kind !== "push" || each.push.kind !== "message") continue;
      const { offset, previous } = each.push.stored;
      expect(offset).toBeGreaterThan(this.#last);
      expect(previous === this.#last || previous <= this.#from).toBe(true);
      this.#last = offset;
    }
  }
}
