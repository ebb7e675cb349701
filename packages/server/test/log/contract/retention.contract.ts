import { describe, expect, test } from "bun:test";
import { MINUTE, message, numbered, texts } from "../fixture.ts";
import { bench, type LogSubject } from "./subject.ts";

export function retentionContract(name: string, subject: LogSubject): void {
  describe(`${name}: retention`, () => {
    test("L18 trim keeps the newest messages of every topic, as many as its size says", async () => {
      const made = await bench(subject, (topic) => ({ size: topic === "a" ? 2 : 3, age: MINUTE, idWindow: MINUTE }));
      await made.log.append([...numbered("a", 5), ...numbered("b", 5), message("a", "6", { id: "x" })]);
      for (let round = 0; round < 2; round++) {
        await made.log.trim();
        expect(texts(await made.log.read({ filter: "a", after: 0, limit: 9 }))).toEqual(["5", "6"]);
        expect(texts(await made.log.latest({ topic: "b", limit: 9 }))).toEqual(["3", "4", "5"]);
        expect(texts(await made.log.read({ filter: "#", after: 0, limit: 9 }))).toEqual(["5", "3", "4", "5", "6"]);
        await made.restart();
      }
    });

    test("L19 trim removes messages that are as old as the age says", async () => {
      const { log, clock } = await bench(subject, (topic) => ({
        size: 100,
        age: topic === "brief" ? 1000 : MINUTE,
        idWindow: 0,
      }));
      await log.append([message("brief", "1"), message("long", "1")]);
      clock.advance(999);
      await log.append([message("brief", "2")]);
      await log.trim();
      expect(texts(await log.read({ filter: "brief", after: 0, limit: 9 }))).toEqual(["1", "2"]);
      clock.advance(1);
      await log.trim();
      expect(texts(await log.read({ filter: "brief", after: 0, limit: 9 }))).toEqual(["2"]);
      expect(texts(await log.read({ filter: "#", after: 0, limit: 9 }))).toEqual(["1", "2"]);
      clock.advance(MINUTE);
      await log.trim();
      expect(texts(await log.read({ filter: "#", after: 0, limit: 9 }))).toEqual([]);
    });

    test("L20 a size of 0 keeps nothing to read, but the ids and the chain", async () => {
      const made = await bench(subject, { size: 0, idWindow: MINUTE });
      const [first] = await made.log.append([message("a", "1", { id: "x" })]);
      await made.log.trim();
      await made.restart();
      expect(await made.log.read({ filter: "a", after: 0, limit: 9 })).toMatchObject({ messages: [], complete: false });
      const [again, next] = await made.log.append([message("a", "1", { id: "x" }), message("a", "2")]);
      expect(again).toMatchObject({ duplicate: true, stored: { offset: first?.stored.offset } });
      expect(next?.stored.previous).toBe(first?.stored.offset ?? -1);
    });

    test.each(["a", "+", "#"])(
      "L16 read %s is complete from the last removed message on, and not before",
      async (filter) => {
        const made = await bench(subject, { size: 2, idWindow: 0 });
        const results = await made.log.append([...numbered("a", 5), message("b", "1")]);
        await made.log.trim();
        await made.restart();
        const offset = (i: number): number => results[i]?.stored.offset ?? -1;
        const complete = async (after: number): Promise<boolean> =>
          (await made.log.read({ filter, after, limit: 9 })).complete;
        expect(await complete(0)).toBe(false);
        expect(await complete(offset(1))).toBe(false);
        expect(await complete(offset(2))).toBe(true);
        expect(await complete(offset(4))).toBe(true);
        expect(await made.log.read({ filter: "b", after: 0, limit: 9 })).toMatchObject({ complete: true });
        expect(await made.log.read({ filter: "b/#", after: 0, limit: 9 })).toMatchObject({ complete: true });
      },
    );

    test("L16 latest is complete unless it reaches back to what was removed", async () => {
      const { log } = await bench(subject, { size: 3, idWindow: 0 });
      await log.append(numbered("a", 5));
      await log.trim();
      expect(await log.latest({ topic: "a", limit: 2 })).toMatchObject({ more: true, complete: true });
      expect(await log.latest({ topic: "a", limit: 3 })).toMatchObject({ more: false, complete: true });
      expect(await log.latest({ topic: "a", limit: 4 })).toMatchObject({ more: false, complete: false });
    });

    test("L18 trimming does not hold up appends, nor lose what comes meanwhile", async () => {
      const { log } = await bench(subject, { size: 10, idWindow: 0 });
      for (let i = 0; i < 5; i++) await log.append(numbered("a", 2000));
      const trimmed = log.trim();
      for (let i = 0; i < 20; i++) await log.append([message(`t/${i}`, "1")]);
      await trimmed;
      await log.trim();
      expect((await log.read({ filter: "a", after: 0, limit: 100 })).messages.length).toBe(10);
      expect((await log.read({ filter: "t/+", after: 0, limit: 100 })).messages.length).toBe(20);
    });
  });
}
