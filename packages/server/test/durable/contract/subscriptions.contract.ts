import { describe, expect, test } from "bun:test";
import type { SessionChange, SessionStore, StoredSubscription } from "../../../src/durable/session-store.ts";
import { flightOut, loaded } from "../fixture.ts";
import type { SessionStoreSubject } from "./subject.ts";

const CREATE: SessionChange = { kind: "create", user: undefined };

const subscribe = (filter: string, options: string): SessionChange => ({ kind: "subscribe", filter, options });
const unsubscribe = (filter: string): SessionChange => ({ kind: "unsubscribe", filter });
const position = (filter: string, epoch: string, offset: number): SessionChange => ({
  kind: "position",
  filter,
  epoch,
  offset,
});

async function subscriptions(store: SessionStore): Promise<readonly StoredSubscription[]> {
  return (await loaded(store, "s"))?.subscriptions ?? [];
}

export function subscriptionContract(name: string, subject: SessionStoreSubject): void {
  describe(`${name}: subscriptions`, () => {
    test("DS6 subscriptions come in the order in which they were made, and a changed one keeps its place", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, ...["z", "a", "m"].map((filter) => subscribe(filter, "1"))]);
      await store.write("s", [subscribe("b", "1"), subscribe("z", "2")]);
      const found = (await subscriptions(store)).map(({ filter, options }) => filter + options);
      expect(found).toEqual(["z2", "a1", "m1", "b1"]);
    });

    test("DS7 a subscription has a position for each epoch, the one set last", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, subscribe("a", "1"), subscribe("b", "1")]);
      await store.write("s", [position("a", "e1", 5), position("a", "e2", 6), position("b", "e1", 7)]);
      await store.write("s", [position("a", "e1", 9), position("b", "e1", 2), position("a", "e3", 2 ** 52)]);
      expect(await subscriptions(store)).toEqual([
        {
          filter: "a",
          options: "1",
          positions: [
            { epoch: "e1", offset: 9 },
            { epoch: "e2", offset: 6 },
            { epoch: "e3", offset: 2 ** 52 },
          ],
        },
        { filter: "b", options: "1", positions: [{ epoch: "e1", offset: 2 }] },
      ]);
    });

    test("DS7 subscribing again keeps the positions", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, subscribe("a", "1"), position("a", "e1", 5)]);
      await store.write("s", [subscribe("a", "2")]);
      expect(await subscriptions(store)).toEqual([
        { filter: "a", options: "2", positions: [{ epoch: "e1", offset: 5 }] },
      ]);
    });

    test("DS7 a position without a subscription is ignored", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, position("a", "e1", 5), subscribe("a", "1"), position("b", "e1", 5)]);
      expect(await subscriptions(store)).toEqual([{ filter: "a", options: "1", positions: [] }]);
    });

    test("DS8 unsubscribe forgets the positions: made again, it is the last and has none", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, ...["a", "b"].flatMap((one) => [subscribe(one, "1"), position(one, "e1", 5)])]);
      await store.write("s", [unsubscribe("a"), unsubscribe("none")]);
      const b = { filter: "b", options: "1", positions: [{ epoch: "e1", offset: 5 }] };
      expect(await subscriptions(store)).toEqual([b]);
      await store.write("s", [position("a", "e1", 6), subscribe("a", "2")]);
      expect(await subscriptions(store)).toEqual([b, { filter: "a", options: "2", positions: [] }]);
    });

    test("DS8 flights of a subscription stay when it goes", async () => {
      const store = await subject.open();
      const flight = flightOut(3, { filter: "a" });
      await store.write("s", [CREATE, subscribe("a", "1"), { kind: "flight", flight }, unsubscribe("a")]);
      expect(await store.load("s")).toMatchObject({ subscriptions: [], flights: [flight] });
    });
  });
}
