import { describe, expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import { message, numbered, readAll, texts } from "../fixture.ts";
import { bench, type LogSubject } from "./subject.ts";

export function orderContract(name: string, subject: LogSubject): void {
  describe(`${name}: order`, () => {
    test("L1 L4 offsets start past 0, grow in the order of the append and are what it resolved with", async () => {
      const { log } = await bench(subject);
      const results = await log.append([...numbered("a", 3), ...numbered("b", 2)]);
      const offsets = results.map((result) => result.stored.offset);
      expect(offsets[0]).toBeGreaterThan(0);
      expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
      expect(results.some((result) => result.duplicate)).toBe(false);
      const { messages } = await readAll(log, "#");
      expect(messages.map((stored) => stored.offset)).toEqual(offsets);
      expect(texts(messages)).toEqual(["1", "2", "3", "1", "2"]);
      expect(await log.append([])).toEqual([]);
    });

    test("L2 every message names the one before it on its topic", async () => {
      const { log } = await bench(subject);
      await log.append([message("a", "1"), message("b", "1"), message("a", "2")]);
      await log.append([message("a", "3"), message("b", "2")]);
      expectChain((await readAll(log, "a")).messages, 0);
      expectChain((await readAll(log, "b")).messages, 0);
    });

    test("L1 L2 offsets and the chain go on after trimming and after a restart", async () => {
      const made = await bench(subject, { size: 2, idWindow: 0 });
      const first = await made.log.append(numbered("a", 5));
      const before = (await readAll(made.log, "a")).messages.at(-1);
      await made.log.trim();
      await made.restart();
      const [next] = await made.log.append([message("a", "6")]);
      expect(next?.stored.previous).toBe(before?.offset ?? -1);
      expect(next?.stored.offset).toBeGreaterThan(first.at(-1)?.stored.offset ?? Infinity);
    });

    test("L1 L2 an offset is not given again when all messages are gone", async () => {
      const made = await bench(subject, { size: 0, idWindow: 0 });
      const [first] = await made.log.append([message("a", "1")]);
      await made.log.trim();
      await made.restart();
      await made.log.trim();
      const [second] = await made.log.append([message("a", "2")]);
      expect(second?.stored.offset).toBeGreaterThan(first?.stored.offset ?? Infinity);
      expect(second?.stored.previous).toBe(first?.stored.offset ?? -1);
    });

    test("L3 appends that are under way together keep their order", async () => {
      const { log } = await bench(subject);
      const done: number[] = [];
      const appends = Array.from({ length: 50 }, (_, i) =>
        log.append([message("a", String(2 * i)), message("a", String(2 * i + 1))]).then(() => done.push(i)),
      );
      await Promise.all(appends);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      const { messages } = await readAll(log, "a");
      expect(texts(messages)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    });
  });
}

/** Each message's `previous` is the offset of the one before it. */
export function expectChain(messages: readonly Stored[], previous: number): void {
  expect(messages.length).toBeGreaterThan(0);
  const offsets = [previous, ...messages.map((stored) => stored.offset)];
  expect(messages.map((stored) => stored.previous)).toEqual(offsets.slice(0, -1));
}
