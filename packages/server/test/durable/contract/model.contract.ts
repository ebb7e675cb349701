import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Flight, SessionChange, SessionStore, StoredSession } from "../../../src/durable/session-store.ts";
import { empty, loaded, sorted } from "../fixture.ts";
import type { SessionStoreSubject } from "./subject.ts";

const filter = fc.constantFrom("a", "b/#", "");
const epoch = fc.constantFrom("e1", "e2");
const direction = fc.constantFrom("out" as const, "in" as const);
const packet = fc.integer({ min: 1, max: 4 });
const offset = fc.maxSafeNat();
const text = fc.string({ unit: "grapheme", maxLength: 5 });

const flight: fc.Arbitrary<Flight> = fc.record({
  direction,
  packet,
  state: fc.constantFrom("sent", "received"),
  filter,
  epoch,
  offset,
  messageId: text,
});

const change: fc.Arbitrary<SessionChange> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("create"), user: fc.option(text, { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expires"), at: fc.option(fc.nat(20), { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("owner"), owner: fc.option(text, { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("note"), text: fc.option(text, { nil: undefined }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("subscribe"), filter, options: text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unsubscribe"), filter }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("position"), filter, epoch, offset }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("flight"), flight }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("landed"), direction, packet }) },
  { weight: 1, arbitrary: fc.constant({ kind: "delete" }) },
);

const IDS = ["x", "y"] as const;
const write = fc.record({
  id: fc.constantFrom(...IDS),
  changes: fc.array(change, { maxLength: 12 }),
  waits: fc.boolean(),
});

type Model = Map<string, StoredSession>;

/** The rules, said once more in the plainest way. */
function apply(model: Model, id: string, one: SessionChange): void {
  const session = model.get(id);
  if (one.kind === "create") model.set(id, empty(one.user));
  else if (session === undefined) return;
  else if (one.kind === "delete") model.delete(id);
  else model.set(id, changed(session, one));
}

function changed(session: StoredSession, one: SessionChange): StoredSession {
  const { subscriptions, flights } = session;
  switch (one.kind) {
    case "expires":
      return { ...session, expires: one.at };
    case "owner":
      return { ...session, owner: one.owner };
    case "note":
      return { ...session, note: one.text };
    case "subscribe": {
      const made = { filter: one.filter, options: one.options, positions: [] };
      const same = ({ filter: name }: { readonly filter: string }): boolean => name === one.filter;
      return { ...session, subscriptions: put(subscriptions, same, made, (old) => ({ ...old, options: one.options })) };
    }
    case "unsubscribe":
      return { ...session, subscriptions: subscriptions.filter((each) => each.filter !== one.filter) };
    case "position":
      return {
        ...session,
        subscriptions: subscriptions.map((each) => (each.filter === one.filter ? moved(each, one) : each)),
      };
    case "flight":
      return {
        ...session,
        flights: put(
          flights,
          (each) => meets(each, one.flight),
          one.flight,
          () => one.flight,
        ),
      };
    case "landed":
      return { ...session, flights: flights.filter((each) => !meets(each, one)) };
    default:
      return session;
  }
}

function put<T>(all: readonly T[], same: (one: T) => boolean, made: T, replace: (old: T) => T): readonly T[] {
  return all.some(same) ? all.map((one) => (same(one) ? replace(one) : one)) : [...all, made];
}

type Numbered = Pick<Flight, "direction" | "packet">;

function meets(a: Numbered, b: Numbered): boolean {
  return a.direction === b.direction && a.packet === b.packet;
}

function moved(
  each: StoredSession["subscriptions"][number],
  to: { readonly epoch: string; readonly offset: number },
): StoredSession["subscriptions"][number] {
  const others = each.positions.filter((known) => known.epoch !== to.epoch);
  return { ...each, positions: [...others, { epoch: to.epoch, offset: to.offset }] };
}

async function compare(store: SessionStore, model: Model): Promise<void> {
  for (const id of IDS) {
    const expected = model.get(id);
    expect(await loaded(store, id)).toEqual(expected && sorted(expected));
  }
  expect(await store.count()).toBe(model.size);
  const ended = [...model].filter(([, { expires }]) => expires !== undefined && expires <= 10).map(([id]) => id);
  expect((await store.expired(10, 10)).toSorted()).toEqual(ended.toSorted());
}

export function modelContract(name: string, subject: SessionStoreSubject): void {
  describe(`${name}: model`, () => {
    test("DS18 after any changes every session is what a plain model says, before and after a restart", async () => {
      let store = await subject.open();
      const runs = fc.asyncProperty(fc.array(write, { maxLength: 12 }), fc.boolean(), async (writes, restarts) => {
        const model: Model = new Map();
        const underWay: Promise<void>[] = [];
        for (const { id, changes, waits } of writes) {
          underWay.push(store.write(id, changes));
          for (const one of changes) apply(model, id, one);
          if (waits) await compare(store, model);
        }
        await Promise.all(underWay);
        await compare(store, model);
        if (restarts && subject.reopen !== undefined) store = await subject.reopen(store);
        await compare(store, model);
        // The next run begins with what this one leaves: nothing.
        for (const id of IDS) await store.write(id, [{ kind: "delete" }]);
        await compare(store, new Map());
      });
      await fc.assert(runs, { numRuns: 100 });
    });
  });
}
