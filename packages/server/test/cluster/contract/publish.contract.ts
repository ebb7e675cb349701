import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { until } from "../../support/until.ts";
import { bytes, heard, SUBJECT, textOf, two, type BusSubjects } from "./subject.ts";

export function publishContract(name: string, subjects: BusSubjects): void {
  describe(`bus, publish: ${name}`, () => {
    test("BU1 every subscriber of the subject gets it once, on all nodes; others get nothing", async () => {
      const [here, there] = await two(subjects);
      const all = [await heard(here), await heard(there), await heard(there)];
      const others = [await heard(there, ["a"]), await heard(there, ["a", "b-1_c", "d"]), await heard(here, ["b"])];
      here.publish(SUBJECT, bytes("1"));
      here.publish(["b"], bytes("2"));
      await until(() => others[2]?.length === 1 && all.every(({ length }) => length > 0));
      await here.probe();
      await there.probe();
      expect(all).toEqual([["1"], ["1"], ["1"]]);
      expect(others).toEqual([[], [], ["2"]]);
    });

    test("BU2 what one node publishes on one subject comes in its order", async () => {
      const [here, there] = await two(subjects);
      const [near, far] = [await heard(here), await heard(there)];
      const sent = Array.from({ length: 1000 }, (_, n) => String(n));
      for (const text of sent) here.publish(SUBJECT, bytes(text));
      await until(() => near.length >= 1000 && far.length >= 1000);
      expect(near).toEqual(sent);
      expect(far).toEqual(sent);
    });

    test("BU3 from ready on everything comes, after end nothing, and another subscription does not notice", async () => {
      const [here, there] = await two(subjects);
      const staying = await heard(there);
      const leaving: string[] = [];
      const subscription = there.subscribe(SUBJECT, (payload) => void leaving.push(textOf(payload)));
      await subscription.ready;
      here.publish(SUBJECT, bytes("1"));
      await until(() => leaving.length === 1);
      subscription.end();
      subscription.end();
      here.publish(SUBJECT, bytes("2"));
      await until(() => staying.length === 2);
      await there.probe();
      expect(leaving).toEqual(["1"]);
      expect(staying).toEqual(["1", "2"]);
    });

    test("BU4 any bytes arrive as they were, and the handler may change them", async () => {
      const [here, there] = await two(subjects);
      const found: Uint8Array[] = [];
      const spoil = (payload: Uint8Array): void => void payload.fill(0);
      await Promise.all([here, there].map((bus) => bus.subscribe(SUBJECT, spoil).ready));
      await there.subscribe(SUBJECT, (payload) => void found.push(payload)).ready;
      const one = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (payload) => {
        found.length = 0;
        here.publish(SUBJECT, payload.slice());
        await until(() => found.length > 0);
        expect(found.map((each) => [...each])).toEqual([[...payload]]);
      });
      await fc.assert(one, { numRuns: 50 });
    });

    test("BU4 BU5 the longest payload arrives, one byte more is refused", async () => {
      const [here, there] = await two(subjects);
      const lengths: number[] = [];
      await there.subscribe(SUBJECT, ({ length }) => void lengths.push(length)).ready;
      const max = here.maxPayload;
      expect(max).toBeGreaterThan(60_000);
      here.publish(SUBJECT, new Uint8Array(max));
      expect(() => here.publish(SUBJECT, new Uint8Array(max + 1))).toThrow(RangeError);
      expect(() => here.publish(SUBJECT, new Uint8Array(max + 1))).toThrow(`payload of ${max + 1} bytes`);
      here.publish(SUBJECT, new Uint8Array(0));
      await until(() => lengths.length === 2);
      expect(lengths).toEqual([max, 0]);
      expect(here.isUp).toBe(true);
    });

    test("BU6 a subject with other characters, or none, is refused", async () => {
      const [here] = await two(subjects);
      for (const subject of [[], [""], ["a", ""], ["a.b"], ["*"], ["a", ">"], ["a b"], ["é"], ["a\r\n"]]) {
        expect(() => here.publish(subject, bytes("1"))).toThrow(TypeError);
        expect(() => here.subscribe(subject, () => {})).toThrow(TypeError);
        expect(() => here.answer(subject, async () => bytes(""))).toThrow(TypeError);
        expect(here.request(subject, bytes("1"), 100)).rejects.toThrow(TypeError);
      }
    });
  });
}
