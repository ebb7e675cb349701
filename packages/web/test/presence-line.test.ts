import { expect, test } from "bun:test";
import type { Membership, Presence, Subscription } from "@tidegate/client";
import { PresenceLine } from "../src/chat/presence-line.ts";
import { howMany, NOBODY, type People } from "../src/state/people.ts";

const member = (id: string) => ({ user: id, info: { id, name: id } });

/** A presence line whose answers, pushes and timers the test gives. */
class World {
  people: People = NOBODY;
  readonly news: string[] = [];
  readonly questions: ((answer: Presence) => void)[] = [];
  timer: { readonly ms: number; readonly task: () => void } | undefined;
  readonly #handlers = new Map<string, (change: Membership) => unknown>();
  readonly line: PresenceLine;

  constructor(random: number) {
    const on = (kind: string, handler: unknown) => {
      this.#handlers.set(kind, handler as (change: Membership) => unknown);
      return () => {};
    };
    const after = (ms: number, task: () => void) => {
      this.timer = { ms, task };
      return () => (this.timer = undefined);
    };
    this.line = new PresenceLine({
      client: { presence: () => new Promise((resolve) => this.questions.push(resolve)) },
      subscription: { topic: "chat/r", on: on as Subscription["on"] },
      environment: {
        url: "",
        now: () => 0,
        random: () => random,
        newId: () => "",
        after,
        onWake: () => () => {},
        isVisible: () => true,
      },
      me: "me",
      events: {
        people: () => this.people,
        set: (people) => (this.people = people),
        news: (kind, names) => this.news.push(`${names.join()} ${kind}`),
      },
    });
  }

  push(kind: "join" | "leave", ids: readonly string[], count: number): void {
    this.#handlers.get(kind)?.({ members: ids.map(member), count });
  }
}

async function answered(world: World, answer: Presence): Promise<void> {
  const asking = world.line.ask();
  world.questions.shift()?.(answer);
  await asking;
}

test.each([
  [0, 1000],
  [0.999, 3997],
])("U42 with chance %d a list that misses somebody is asked for again after %d ms", async (random, ms) => {
  const world = new World(random);
  await answered(world, { count: 3, members: [member("me"), member("a")] });
  expect(world.timer?.ms).toBe(ms);
  world.timer?.task();
  world.questions.shift()?.({ count: 2, members: [member("me"), member("a")] });
  await Promise.resolve();
  await Promise.resolve();
  expect([world.timer, howMany(world.people)]).toEqual([undefined, 2]);
});

test("U42 a change that makes the list whole takes the question back; one that does not sets it", async () => {
  const world = new World(0);
  await answered(world, { count: 1, members: [member("me")] });
  expect(world.timer).toBeUndefined();
  world.push("join", [], 2);
  expect(world.timer?.ms).toBe(1000);
  world.push("join", ["a"], 2);
  expect([world.timer, world.news]).toEqual([undefined, ["a join"]]);
});

test("U40 changes between the question and its answer are applied to the answer", async () => {
  const world = new World(0);
  const asking = world.line.ask();
  world.push("join", ["b"], 3);
  world.push("leave", ["a"], 2);
  world.questions.shift()?.({ count: 2, members: [member("me"), member("a")] });
  await asking;
  expect([...world.people.members.keys()]).toEqual(["me", "b"]);
});
