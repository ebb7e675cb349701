import { Client, type SubscribeOptions, type Subscription } from "@tidegate/client";
import { SdkLedger } from "./sdk-ledger.ts";
import { SdkSocket } from "./sdk-socket.ts";
import { must } from "./violation.ts";
import type { World } from "./world.ts";

interface Held {
  readonly subscription: Subscription;
  readonly ledger: SdkLedger;
  readonly options: SubscribeOptions;
  /** Given and not acknowledged, with a window. */
  acknowledge: (() => void) | undefined;
}

/** The real SDK on the simulated network; what it gives its program is held against the truth. */
export class SdkClient {
  readonly name: string;
  readonly user: string | undefined;
  readonly #world: World;
  readonly #client: Client;
  readonly #held = new Map<string, Held>();
  #count = 0;

  constructor(world: World, name: string, user: string | undefined) {
    this.#world = world;
    this.name = name;
    this.user = user;
    let ids = 0;
    this.#client = new Client("ws://simulation", {
      ...(user === undefined ? {} : { token: () => world.token(user) ?? "" }),
      WebSocket: class extends SdkSocket {
        constructor(_url: string, protocols: readonly string[]) {
          super(world, name, protocols[0] ?? "");
        }
      },
      clock: world.clock,
      random: world.random.next,
      newId: () => `${name}-${++ids}`,
      onWake: () => () => {},
      backoff: { min: 100, max: 1000 },
      report: (error) => world.note(`${name} reports ${String(error)}`),
    });
    this.#client.on("state", (state) => world.note(`${name} is ${JSON.stringify(state)}`));
    this.#client.connect();
  }

  /** As the presence of a topic names it, if it is there. */
  memberOf(topic: string): string | undefined {
    if (this.#held.get(topic)?.options.presence !== true) return undefined;
    const { state } = this.#client;
    return this.user ?? (state.kind === "connected" ? state.session : undefined);
  }

  subscribe(topic: string, options: SubscribeOptions): void {
    if (this.#held.has(topic)) return;
    const name = `${this.name} ${topic}`;
    this.#note(`subscribes ${topic} ${JSON.stringify(options)}`);
    const ledger = new SdkLedger(this.#world.truth, name, topic, options.window !== undefined);
    const subscription = this.#client.subscribe(topic, options);
    const held: Held = { subscription, ledger, options, acknowledge: undefined };
    this.#held.set(topic, held);
    const guard =
      <E>(act: (event: E) => void) =>
      (event: E) =>
        this.#world.guard(() => act(event));
    subscription.on(
      "message",
      guard((message) => {
        this.#note(`${topic} gets ${message.topic} ${message.offset}${message.redelivered === true ? " again" : ""}`);
        ledger.message(message);
        if (options.window !== undefined) held.acknowledge = () => subscription.ack(message);
      }),
    );
    subscription.on(
      "gap",
      guard((gap) => {
        this.#note(`${topic} has a gap ${JSON.stringify(gap)}`);
        ledger.gap(gap);
      }),
    );
    subscription.on(
      "state",
      guard(({ kind }) => {
        this.#note(`${topic} is ${kind}`);
        if (kind === "live") ledger.live();
      }),
    );
    subscription.on(
      "ended",
      guard(({ error }) => {
        must(error === undefined || error.reason === "closed", "G9", () => `${name} ended: ${error?.message}`, [name]);
      }),
    );
  }

  unsubscribe(topic: string): void {
    this.#note(`unsubscribes ${topic}`);
    this.#held.get(topic)?.subscription.unsubscribe();
    this.#held.delete(topic);
  }

  get topics(): readonly string[] {
    return [...this.#held.keys()];
  }

  publish(topic: string, retain: boolean): void {
    const text = `${this.name}-${++this.#count}${"-".repeat(40)}`;
    const key = JSON.stringify(text);
    this.#note(`publishes ${topic} ${key.slice(0, 8)}`);
    this.#client.publish(topic, text, { retain }).then(
      ({ epoch, offset }) =>
        this.#world.guard(() => {
          this.#note(`published ${topic} ${offset}`);
          const fact = this.#world.truth.at(epoch, offset);
          must(fact?.topic === topic && fact.key === key, "G1", () => `${this.name} ${topic} ${offset} is not ${key}`, [
            topic,
          ]);
        }),
      (error: { readonly reason?: string }) =>
        this.#world.guard(() =>
          must(error.reason === "queue_full", "G9", () => `${this.name} ${topic} ${key}: rejected: ${String(error)}`, [
            topic,
          ]),
        ),
    );
  }

  /** Acknowledges all that windows have open; false if nothing was. */
  acknowledge(): boolean {
    let any = false;
    for (const held of this.#held.values()) {
      const { acknowledge } = held;
      held.acknowledge = undefined;
      acknowledge?.();
      any ||= acknowledge !== undefined;
    }
    return any;
  }

  rest(epochs: readonly string[]): void {
    const { state, pending } = this.#client;
    must(state.kind === "connected", "G9", () => `${this.name} is ${JSON.stringify(state)}`, [this.name]);
    must(pending === 0, "G9", () => `${this.name} has ${pending} publishes without an answer`, [this.name]);
    for (const [topic, { subscription, ledger }] of this.#held) {
      const name = `${this.name} ${topic}`;
      must(subscription.state.kind === "live", "G9", () => `${name} is ${subscription.state.kind}`, [name]);
      ledger.rest(epochs);
    }
  }

  close(): void {
    void this.#client.close();
  }

  #note(text: string): void {
    this.#world.note(`${this.name} ${text}`);
  }
}
