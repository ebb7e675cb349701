import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { PresenceChange, PresenceState } from "../../src/presence/presence.ts";
import type { PresenceHarness } from "./presence.contract.ts";
import { PresenceModel, type Who } from "./presence-model.ts";

type Step =
  | ({ readonly kind: "enter" } & Who)
  | { readonly kind: "exit"; readonly session: string; readonly gone: boolean }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "query" };

/** Long enough for every grace time and interval. */
const ALL_TOLD = 60_000;
const TOPIC = "chat/room";
const SETTINGS = { grace: 300, maxMembers: 1000 };

const session = fc.nat(11).map((n) => `s${n}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("enter" as const), session, user: user() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("exit" as const), session, gone: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.constantFrom(0, 1, 40, 99, 350) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("query" as const) }) },
);

function user(): fc.Arbitrary<string> {
  return fc.nat(4).map((n) => `u${n}`);
}

/** Somebody who knows the members from an answer (or from the start) and follows the changes from there on. */
class Observer {
  readonly #members: Set<string>;

  constructor({ members }: PresenceState) {
    this.#members = new Set(members.map((member) => member.user));
  }

  changed({ joined, left }: PresenceChange): void {
    for (const member of left) this.#members.delete(member.user);
    for (const member of joined) this.#members.add(member.user);
  }

  get members(): string[] {
    return [...this.#members].toSorted();
  }
}

/** Whatever happens, those who follow the changes know the truth in the end. */
export function presenceProperties(name: string, make: () => Promise<PresenceHarness>): void {
  describe(`presence in any order: ${name}`, () => {
    test("P11 P12 whoever follows the changes, from the start or from an answer, ends with the true members", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
          const harness = await make();
          try {
            await run(harness, steps);
          } finally {
            await harness.dispose();
          }
        }),
        { numRuns: 500 },
      );
    });
  });
}

async function run(harness: PresenceHarness, steps: readonly Step[]): Promise<void> {
  const { presence } = harness;
  const model = new PresenceModel(SETTINGS.grace);
  const observers = [new Observer({ count: 0, members: [] })];
  presence.watch({
    changed: (_, change) => {
      for (const observer of observers) observer.changed(change);
      expect(change.joined.length + change.left.length).toBeGreaterThan(0);
    },
  });
  for (const one of steps) await perform(one, harness, model, observers);
  model.advance(ALL_TOLD);
  await harness.advance(ALL_TOLD);
  const { count, members } = await presence.query(TOPIC, 1000);
  expect(members.map((member) => member.user).toSorted()).toEqual(model.members);
  expect(count).toBe(model.members.length);
  for (const observer of observers) expect(observer.members).toEqual(model.members);
}

async function perform(
  one: Step,
  harness: PresenceHarness,
  model: PresenceModel,
  observers: Observer[],
): Promise<void> {
  const { presence } = harness;
  switch (one.kind) {
    case "enter":
      model.enter(one);
      return presence.enter(TOPIC, one.session, { user: one.user, info: undefined }, SETTINGS);
    case "exit":
      model.exit(one.session, one.gone);
      return presence.exit(TOPIC, one.session, one.gone);
    case "advance":
      model.advance(one.ms);
      return harness.advance(one.ms);
    case "query": {
      const state = await presence.query(TOPIC, 1000);
      expect(state.count).toBe(model.members.length);
      observers.push(new Observer(state));
    }
  }
}
