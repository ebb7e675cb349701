import { describe, expect, test } from "bun:test";
import { MINUTE, message, numbered, readAll, texts } from "../fixture.ts";
import { bench, type LogSubject } from "./subject.ts";

export function idContract(name: string, subject: LogSubject): void {
  describe(`${name}: message ids`, () => {
    test("L6 an id within the window is stored once and answered with the first position", async () => {
      const { log, clock } = await bench(subject, { idWindow: MINUTE });
      const [first] = await log.append([message("a", "one", { id: "x" })]);
      await log.append([message("a", "two", { id: "y" })]);
      clock.advance(MINUTE - 1);
      const [again] = await log.append([message("a", "other", { id: "x" })]);
      expect(again?.duplicate).toBe(true);
      expect(again?.stored.offset).toBe(first?.stored.offset ?? -1);
      expect(again?.stored.previous).toBe(first?.stored.previous ?? -1);
      expect(texts((await readAll(log, "a")).messages)).toEqual(["one", "two"]);
    });

    test("L7 ids belong to their topic, and messages without one are never duplicates", async () => {
      const { log } = await bench(subject);
      const results = await log.append([
        message("a", "1", { id: "x" }),
        message("b", "1", { id: "x" }),
        message("a", "same"),
        message("a", "same"),
      ]);
      expect(results.map((result) => result.duplicate)).toEqual([false, false, false, false]);
    });

    test("L8 after the window the id is stored anew, and counts from there", async () => {
      const { log, clock } = await bench(subject, { idWindow: MINUTE });
      const [first] = await log.append([message("a", "one", { id: "x" })]);
      clock.advance(MINUTE);
      const [second] = await log.append([message("a", "two", { id: "x" })]);
      expect(second?.duplicate).toBe(false);
      expect(second?.stored.offset).toBeGreaterThan(first?.stored.offset ?? Infinity);
      clock.advance(MINUTE - 1);
      const [third] = await log.append([message("a", "three", { id: "x" })]);
      expect(third).toMatchObject({ duplicate: true, stored: { offset: second?.stored.offset } });
    });

    test("L8 every topic has its own window", async () => {
      const retention = (topic: string) => ({ size: 9, age: 9 * MINUTE, idWindow: topic === "short" ? 10 : MINUTE });
      const { log, clock } = await bench(subject, retention);
      const both = [message("long", "1", { id: "x" }), message("short", "1", { id: "x" })];
      await log.append(both);
      clock.advance(10);
      expect((await log.append(both)).map((result) => result.duplicate)).toEqual([true, false]);
    });

    test("L9 an id twice in one append is stored once", async () => {
      const { log } = await bench(subject);
      const results = await log.append([message("a", "1", { id: "x" }), message("a", "2", { id: "x" })]);
      expect(results.map((result) => result.duplicate)).toEqual([false, true]);
      expect(results[1]?.stored.offset).toBe(results[0]?.stored.offset ?? -1);
      expect(texts((await readAll(log, "a")).messages)).toEqual(["1"]);
    });

    test("L9 the same id in two appends that are under way is stored once", async () => {
      const { log } = await bench(subject);
      const twice = await Promise.all([1, 2].map(() => log.append([message("a", "1", { id: "x" })])));
      expect(twice.map(([result]) => result?.duplicate)).toEqual([false, true]);
    });

    test("L10 the window outlives trimming by size and a restart", async () => {
      const made = await bench(subject, { size: 1, idWindow: MINUTE });
      const [first] = await made.log.append([message("a", "one", { id: "x" })]);
      await made.log.append(numbered("a", 5));
      await made.log.trim();
      await made.restart();
      made.clock.advance(MINUTE - 1);
      const [again] = await made.log.append([message("a", "one", { id: "x" })]);
      expect(again).toMatchObject({ duplicate: true, stored: { offset: first?.stored.offset } });
      await made.log.trim();
      expect(texts((await readAll(made.log, "a")).messages)).toEqual(["5"]);
    });
  });
}
