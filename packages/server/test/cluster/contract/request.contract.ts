import { describe, expect, test } from "bun:test";
import { bytes, faultOf, SUBJECT, textOf, two, type BusSubjects } from "./subject.ts";

const LONG = 5000;
const SHORT = 50;

export function requestContract(name: string, subjects: BusSubjects): void {
  describe(`bus, requests: ${name}`, () => {
    test("BU7 a request is answered by another node, and by one's own", async () => {
      const [here, there] = await two(subjects);
      await there.answer(SUBJECT, async (payload) => bytes(`re: ${textOf(payload)}`)).ready;
      expect(textOf(await here.request(SUBJECT, bytes("1"), LONG))).toBe("re: 1");
      expect(textOf(await there.request(SUBJECT, bytes("2"), LONG))).toBe("re: 2");
      expect((await here.request(SUBJECT, bytes(""), LONG)).length).toBe(4);
    });

    test("BU7 of several who answer one does, and each of many requests at once gets its own answer", async () => {
      const [here, there] = await two(subjects);
      const asked: string[] = [];
      const answer = async (payload: Uint8Array): Promise<Uint8Array> => {
        asked.push(textOf(payload));
        // The later ones are answered first.
        for (let turns = Number(textOf(payload)); turns < 100; turns++) await Promise.resolve();
        return payload;
      };
      for (const bus of [here, there, there]) await bus.answer(SUBJECT, answer).ready;
      const all = Array.from({ length: 100 }, (_, n) => String(n));
      const answers = await Promise.all(all.map((text) => here.request(SUBJECT, bytes(text), LONG)));
      expect(answers.map(textOf)).toEqual(all);
      expect(asked.toSorted()).toEqual(all.toSorted());
    });

    test("BU7 what is asked is not what is published", async () => {
      const [here, there] = await two(subjects);
      const asked: string[] = [];
      await there.answer(SUBJECT, async (payload) => (asked.push(textOf(payload)), payload)).ready;
      await here.request(SUBJECT, bytes("1"), LONG);
      expect(asked).toEqual(["1"]);
    });

    test("BU8 nobody answers: it rejects, at once where the bus can know", async () => {
      const [here, there] = await two(subjects);
      expect(await faultOf(here.request(SUBJECT, bytes("1"), LONG))).toMatch(
        /^BusUnavailable: nobody answers on .*a\.b-1_c/,
      );
      const answering = there.answer(SUBJECT, async (payload) => payload);
      await answering.ready;
      answering.end();
      await there.probe();
      expect(await faultOf(here.request(SUBJECT, bytes("1"), LONG))).toMatch(/^BusUnavailable: nobody answers/);
    });

    test("BU8 an answer that does not come, or that fails, is waited for no longer than the patience", async () => {
      const [here, there] = await two(subjects);
      await there.answer(["never"], () => new Promise(() => {})).ready;
      await there.answer(["fails"], () => Promise.reject(new Error("no"))).ready;
      for (const subject of [["never"], ["fails"]])
        expect(await faultOf(here.request(subject, bytes("1"), SHORT))).toMatch(
          /^BusUnavailable: an answer on .* took longer than 50 ms$/,
        );
    });

    test("BU5 a request or an answer that is too long is refused", async () => {
      const [here, there] = await two(subjects);
      await there.answer(SUBJECT, async () => new Uint8Array(there.maxPayload + 1)).ready;
      expect(await faultOf(here.request(SUBJECT, new Uint8Array(here.maxPayload + 1), LONG))).toStartWith("RangeError");
      expect(await faultOf(here.request(SUBJECT, bytes("1"), SHORT))).toStartWith("BusUnavailable");
      expect(there.isUp).toBe(true);
    });
  });
}
