import { describe, expect, test } from "bun:test";
import type { Flight, SessionChange } from "../../../src/durable/session-store.ts";
import { flightIn, flightOut } from "../fixture.ts";
import type { SessionStoreSubject } from "./subject.ts";

const CREATE: SessionChange = { kind: "create", user: undefined };

const put = (flight: Flight): SessionChange => ({ kind: "flight", flight });
const landed = (direction: Flight["direction"], packet: number): SessionChange => ({
  kind: "landed",
  direction,
  packet,
});

export function flightContract(name: string, subject: SessionStoreSubject): void {
  describe(`${name}: flights`, () => {
    test("DS9 flights come in the order in which they were put, whatever their numbers", async () => {
      const store = await subject.open();
      const flights = [flightOut(65_535), flightIn(9), flightOut(1), flightIn(65_535), flightOut(300)];
      await store.write("s", [CREATE, ...flights.slice(0, 3).map(put)]);
      await store.write("s", flights.slice(3).map(put));
      expect((await store.load("s"))?.flights).toEqual(flights);
    });

    test("DS9 a replaced flight is wholly the new one, in the place of the old", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, put(flightOut(5)), put(flightOut(4)), put(flightIn(6))]);
      const out: Flight = {
        direction: "out",
        packet: 5,
        state: "received",
        filter: "b",
        epoch: "e2",
        offset: 2 ** 52,
        messageId: "x",
      };
      const received = flightIn(6, { state: "sent", messageId: "other" });
      await store.write("s", [put(received), put(out)]);
      expect((await store.load("s"))?.flights).toEqual([out, flightOut(4), received]);
    });

    test("DS9 a landed flight is gone, and put again it is the last", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, ...[1, 2, 3].map((packet) => put(flightOut(packet)))]);
      await store.write("s", [landed("out", 1), landed("out", 77)]);
      expect((await store.load("s"))?.flights).toEqual([flightOut(2), flightOut(3)]);
      await store.write("s", [put(flightOut(1)), landed("out", 3), put(flightOut(3))]);
      expect((await store.load("s"))?.flights).toEqual([flightOut(2), flightOut(1), flightOut(3)]);
      await store.write(
        "s",
        [1, 2, 3].map((packet) => landed("out", packet)),
      );
      expect((await store.load("s"))?.flights).toEqual([]);
    });

    test("DS10 the same number in both directions is two flights", async () => {
      const store = await subject.open();
      await store.write("s", [CREATE, put(flightOut(7)), put(flightIn(7))]);
      expect((await store.load("s"))?.flights).toEqual([flightOut(7), flightIn(7)]);
      await store.write("s", [put(flightIn(7, { messageId: "new" })), landed("out", 7)]);
      expect((await store.load("s"))?.flights).toEqual([flightIn(7, { messageId: "new" })]);
      await store.write("s", [landed("out", 7), put(flightOut(7)), landed("in", 7)]);
      expect((await store.load("s"))?.flights).toEqual([flightOut(7)]);
    });
  });
}
