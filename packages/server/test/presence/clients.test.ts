import { expect, test } from "bun:test";
import type { Push } from "@tidegate/protocol";
import fc from "fast-check";
import { MemoryPresence } from "../../src/adapters/memory/presence.ts";
import type { Encoder } from "../../src/delivery/connection.ts";
import type { Subscriber } from "../../src/delivery/subscription.ts";
import { Audience } from "../../src/presence/audience.ts";
import type { PresenceState } from "../../src/presence/presence.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { fakeConnection } from "../support/fake-connection.ts";

type Step =
  | { readonly kind: "enter" | "leave" | "lose" | "ask" | "answer"; readonly client: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "turn" };

const TOPIC = "chat/room";
const SETTINGS = { grace: 300, maxMembers: 1000 };
const CLIENTS = 8;

const encoder: Encoder = {
  group: undefined,
  message: () => "",
  push: (push) => JSON.stringify(push),
  join: (frames) => frames.join("\n"),
};

/** A client as docs/spec/presence.md tells it to be: it asks once it has entered, and applies what comes after. */
class Client implements Subscriber {
  readonly encoder = encoder;
  readonly members = new Set<string>();
  /** Pushes that came before the answer. */
  #early: string[] | undefined = undefined;
  #answer: PresenceState | undefined = undefined;

  readonly connection = fakeConnection((frame) => this.#heard(String(frame)));

  async whenWritable(): Promise<void> {}

  get waits(): boolean {
    return this.#early !== undefined;
  }

  /** The question is answered now; the answer is on its way until `takeAnswer`. */
  asked(state: PresenceState): void {
    this.#early = [];
    this.#answer = state;
  }

  takeAnswer(): void {
    const early = this.#early ?? [];
    if (this.#answer === undefined) return;
    this.members.clear();
    for (const { user } of this.#answer.members) this.members.add(user);
    this.#early = undefined;
    this.#answer = undefined;
    for (const frame of early) this.#heard(frame);
  }

  #heard(frame: string): void {
    if (this.#early !== undefined) this.#early.push(frame);
    else
      for (const line of frame.split("\n")) this.#apply(JSON.parse(line) as Extract<Push, { kind: "join" | "leave" }>);
  }

  #apply({ kind, members }: Extract<Push, { kind: "join" | "leave" }>): void {
    for (const { user } of members) {
      if (kind === "join") this.members.add(user);
      else this.members.delete(user);
    }
  }
}

/** A room in which five users have eight clients; an audience that sends to two of them in a turn. */
class Scene {
  readonly #clock = new FakeClock();
  readonly #presence = new MemoryPresence({ clock: this.#clock });
  readonly #audience = new Audience(this.#presence, {
    clock: this.#clock,
    maxBuffered: 1000,
    maxMembers: () => SETTINGS.maxMembers,
    slice: 2,
  });
  readonly #clients: (Client | undefined)[] = Array<undefined>(CLIENTS).fill(undefined);

  async perform(step: Step): Promise<void> {
    if (step.kind === "advance") return this.#clock.advance(step.ms);
    if (step.kind === "turn") return this.#clock.turn();
    const client = this.#clients[step.client];
    if (step.kind === "enter") return this.#enter(step.client);
    if (client === undefined) return;
    if (step.kind === "answer") client.takeAnswer();
    else if (step.kind === "ask") await this.#ask(client);
    else this.#exit(step.client, client, step.kind === "leave");
  }

  async expectTruth(): Promise<void> {
    for (const client of this.#clients) client?.takeAnswer();
    this.#clock.advance(60_000);
    const { members } = await this.#presence.query(TOPIC, 1000);
    const truth = members.map(({ user }) => user).toSorted();
    for (const client of this.#clients) if (client !== undefined) expect([...client.members].toSorted()).toEqual(truth);
  }

  async #enter(index: number): Promise<void> {
    if (this.#clients[index] !== undefined) return;
    const client = (this.#clients[index] = new Client());
    this.#audience.add(TOPIC, client);
    this.#presence.enter(TOPIC, `s${index}`, { user: `u${index % 5}`, info: undefined }, SETTINGS);
    await this.#ask(client);
  }

  async #ask(client: Client): Promise<void> {
    if (!client.waits) client.asked(await this.#presence.query(TOPIC, 1000));
  }

  #exit(index: number, client: Client, gone: boolean): void {
    this.#audience.remove(TOPIC, client);
    this.#presence.exit(TOPIC, `s${index}`, gone);
    this.#clients[index] = undefined;
  }
}

const client = fc.nat(CLIENTS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("enter" as const), client }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("leave" as const, "lose" as const), client }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("ask" as const, "answer" as const), client }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.constantFrom(1, 40, 99, 350) }) },
  { weight: 3, arbitrary: fc.constant({ kind: "turn" as const }) },
);

test("P12 P22 P23 clients that ask once they have entered and follow their pushes all end with the true members", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: "max" }), async (steps) => {
      const scene = new Scene();
      for (const one of steps) await scene.perform(one);
      await scene.expectTruth();
    }),
    { numRuns: 500 },
  );
});
