import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Client, Gap, Message, Subscription } from "../src/index.ts";
import { ModelServer } from "./support/model.ts";
import { World } from "./support/world.ts";

type Step =
  | { readonly do: "store" | "send"; readonly topic: string }
  | { readonly do: "deliver" | "advance" | "lose" | "double" | "skip" | "refuse" | "trim"; readonly n: number }
  | { readonly do: "drop"; readonly n: 1006 | 4500 }
  | { readonly do: "wake" | "renew" | "ack" };

type Counted = { readonly do: "lose" | "double" | "skip" | "refuse"; readonly n: number };

const TOPICS = ["a/1", "a/2", "b"];
const topic = fc.constantFrom(...TOPICS);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("store" as const, "send" as const), topic }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant("deliver" as const), n: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("advance" as const), n: fc.integer({ min: 1, max: 1500 }) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom("lose" as const, "double" as const, "skip" as const, "refuse" as const),
        n: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("drop" as const), n: fc.constantFrom(1006 as const, 4500 as const) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("trim" as const), n: fc.integer({ min: 0, max: 8 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("wake" as const, "ack" as const) }) },
    { weight: 1, arbitrary: fc.constant({ do: "renew" as const }) },
  ),
  { minLength: 5, maxLength: 80 },
);

type Event = { readonly n: number; readonly topic: string; readonly again: boolean } | { readonly gap: Gap };

/** One run: a client with three kinds of subscription before a server that is hit by the steps. */
class Run {
  readonly world = new World();
  readonly server = new ModelServer();
  readonly client: Client;
  readonly events = new Map<Subscription, Event[]>();
  readonly windowed: Subscription;
  readonly sent: { n: number; topic: string; done: boolean }[] = [];
  #last: Message | undefined;
  #count = 0;

  constructor() {
    this.world.onsocket = (socket) => this.server.attach(socket);
    this.client = this.world.client({ queue: { inFlight: 1 } });
    this.follow(this.client.subscribe("b", { history: 4 }));
    this.follow(this.client.subscribe("a/+"));
    this.windowed = this.client.subscribe("a/1", { window: 100 });
    this.follow(this.windowed);
    this.windowed.on("message", (message) => (this.#last = message));
    this.client.connect();
  }

  follow(subscription: Subscription): void {
    const events: Event[] = [];
    this.events.set(subscription, events);
    subscription.on("message", (m) => events.push({ n: m.data as number, topic: m.topic, again: m.redelivered }));
    subscription.on("gap", (gap) => events.push({ gap }));
  }

  async step(step: Step): Promise<void> {
    if (step.do === "store") this.server.publish(step.topic, ++this.#count);
    else if (step.do === "send") this.#send(step.topic);
    else if (step.do === "deliver") await this.server.deliver(step.n);
    else if (step.do === "advance") await this.world.clock.advance(step.n);
    else if (step.do === "drop") await this.server.drop(step.n);
    else if (step.do === "trim") this.server.trim(step.n);
    else if (step.do === "renew") await this.#renew();
    else if (step.do === "wake") this.world.wake();
    else if (step.do === "ack") this.#ack();
    else this.#mischief(step as Counted);
    await this.world.clock.advance(0);
  }

  /**
   * All faults end. One more message on each topic brings the gaps that the server has not told yet, and may lie in one; a
   * second one comes in any case, and shows what is still missing.
   */
  async finish(): Promise<void> {
    Object.assign(this.server.mischief, { lose: 0, double: 0, skip: 0, refuse: 0 });
    await this.#quiet();
    for (let i = 0; i < 2; i++) {
      for (const each of TOPICS) this.server.publish(each, ++this.#count);
      await this.#quiet();
    }
    await this.#checkWindow();
  }

  /** What was not acknowledged comes again on the next connection, or is told as a gap. */
  async #checkWindow(): Promise<void> {
    const open = this.server.after("a/1", this.windowed.position);
    const before = this.events.get(this.windowed)?.length ?? 0;
    await this.server.drop(1006);
    await this.#quiet();
    const again = (this.events.get(this.windowed) ?? []).slice(before);
    const given = again.flatMap((event) => ("n" in event && event.again ? [event.n] : []));
    if (!again.some((event) => "gap" in event)) expect(given).toEqual(open as number[]);
  }

  async #quiet(): Promise<void> {
    for (let i = 0; i < 60; i++) {
      await this.server.deliver(50);
      await this.world.clock.advance(this.server.waiting > 0 ? 0 : 700);
    }
  }

  #send(to: string): void {
    const one = { n: ++this.#count, topic: to, done: false };
    this.sent.push(one);
    void this.client.publish(to, one.n).then(() => (one.done = true));
  }

  #mischief(step: Counted): void {
    this.server.mischief[step.do] += step.n;
  }

  #ack(): void {
    if (this.#last) this.windowed.ack(this.#last);
  }

  async #renew(): Promise<void> {
    await this.server.drop(1006);
    this.server.renew();
    this.#last = undefined;
  }
}

/** Every message since the first one seen was seen once, in order, or there is a gap where it is missing. */
function checkStream(run: Run, subscription: Subscription, events: readonly Event[]): void {
  for (const each of TOPICS) {
    const stored = run.server.everything.filter((entry) => entry.topic === each).map((entry) => entry.data as number);
    const mine = events.filter((event) => "gap" in event || event.topic === each);
    const first = mine.find((event) => "n" in event && !event.again);
    if (!first || !("n" in first)) continue;
    let at = stored.indexOf(first.n) - 1;
    let gap = false;
    for (const event of mine) {
      if ("gap" in event) gap ||= event.gap.topic === each || event.gap.topic === subscription.topic;
      else if (!event.again) {
        const next = stored.indexOf(event.n);
        expect(next, `${each}: ${event.n} came twice or too late`).toBeGreaterThan(at);
        if (next > at + 1)
          expect(gap, `${each}: something before ${event.n} is missing, and no gap was told`).toBe(true);
        at = next;
        gap = false;
      }
    }
    expect(at, `${each}: the newest message is missing`).toBe(stored.length - 1);
  }
}

/** Every publish is stored once, those of a topic in the order of the calls, and is known to be. */
function checkPublishes(run: Run): void {
  const offsets = run.sent.map((one) => run.server.everything.filter((entry) => entry.data === one.n).length);
  expect(offsets).toEqual(run.sent.map(() => 1));
  expect(run.sent.filter((one) => !one.done)).toEqual([]);
  for (const each of TOPICS) {
    const mine = new Set(run.sent.filter((one) => one.topic === each).map((one) => one.n));
    const stored = run.server.everything.map((entry) => entry.data as number).filter((n) => mine.has(n));
    expect(stored).toEqual([...mine]);
  }
}

test("C83 whatever is lost, doubled, refused or cut, every subscription is whole or told of its gap, and every publish is stored once", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const run = new Run();
      for (const step of plan) await run.step(step);
      await run.finish();
      for (const [subscription, events] of run.events) checkStream(run, subscription, events);
      checkPublishes(run);
      expect(run.world.reported).toEqual([]);
      await run.client.close();
      expect(run.world.clock.timers).toBe(0);
    }),
    { numRuns: Number(process.env["FUZZ_RUNS"] ?? 150) },
  );
}, 60_000);
