import { describe, expect, test } from "bun:test";
import type { RetainedPage } from "../../../src/log/log.ts";
import { MINUTE, message, numbered, texts } from "../fixture.ts";
import { bench, type LogSubject } from "./subject.ts";

export function retainedContract(name: string, subject: LogSubject): void {
  describe(`${name}: retained values`, () => {
    test("L23 a retained value is set, replaced, left alone by others and cleared by an empty payload", async () => {
      const made = await bench(subject);
      const { log } = made;
      await log.append([message("a", "first", { retain: true })]);
      expect(texts(await log.retained("a", 9))).toEqual(["first"]);
      await log.append([message("a", "second", { retain: true }), message("a", "third")]);
      expect(texts(await log.retained("a", 9))).toEqual(["second"]);
      await made.restart();
      expect(texts(await made.log.retained("a", 9))).toEqual(["second"]);
      await made.log.append([message("a", "", { retain: true })]);
      expect(await made.log.retained("a", 9)).toEqual([]);
      await made.restart();
      expect(await made.log.retained("#", 9)).toEqual([]);
      expect(texts(await made.log.read({ filter: "a", after: 0, limit: 9 }))).toEqual(["first", "second", "third", ""]);
    });

    test("L24 it stays when the history around it goes, but not in the history", async () => {
      const made = await bench(subject, { size: 1, age: MINUTE, idWindow: 0 });
      await made.log.append([message("a", "kept", { retain: true }), ...numbered("a", 5)]);
      await made.log.append([message("b", "kept too", { retain: true })]);
      await made.log.trim();
      made.clock.advance(2 * MINUTE);
      await made.log.trim();
      await made.restart();
      expect(texts(await made.log.retained("#", 9))).toEqual(["kept", "kept too"]);
      expect(texts(await made.log.read({ filter: "#", after: 0, limit: 9 }))).toEqual([]);
      expect(texts(await made.log.latest({ topic: "b", limit: 9 }))).toEqual([]);
      await made.log.append([message("a", "", { retain: true })]);
      await made.log.trim();
      expect(texts(await made.log.retained("#", 9))).toEqual(["kept too"]);
    });

    test("L25 a filter gives the values of its topics in offset order, up to a limit", async () => {
      const { log } = await bench(subject);
      const topics = ["r/c", "r/a", "other", "r/b", "r/b/x", "$sys/r"];
      await log.append(topics.map((topic) => message(topic, topic, { retain: true })));
      await log.append([message("r/c", "again", { retain: true })]);
      expect(texts(await log.retained("r/+", 9))).toEqual(["r/a", "r/b", "again"]);
      expect(texts(await log.retained("r/#", 3))).toEqual(["r/a", "r/b", "r/b/x"]);
      expect(texts(await log.retained("#", 99))).toEqual(["r/a", "other", "r/b", "r/b/x", "again"]);
      expect(await log.retained("r", 9)).toEqual([]);
    });

    test("L90 page by page a filter gives every retained value once, whatever bounds a page has", async () => {
      const { log } = await bench(subject);
      const topics = Array.from({ length: 23 }, (_, i) => `r/${i % 2 === 0 ? "even" : "odd"}/${i}`);
      await log.append([message("other", "x", { retain: true })]);
      for (const topic of topics) await log.append([message(topic, topic, { retain: true }), message(topic, "live")]);
      await log.append([message("r/even/2", "", { retain: true }), message("r/even/0", "newer", { retain: true })]);
      const pages = async (filter: string, bounds: { readonly limit: number; readonly maxBytes?: number }) => {
        const found: (readonly string[])[] = [];
        for (let after: number | undefined = 0; after !== undefined;) {
          const page: RetainedPage = await log.retainedPage({ filter, after, ...bounds });
          expect(page.values.length).toBeLessThanOrEqual(bounds.limit);
          found.push(texts(page.values));
          after = page.next;
        }
        return found;
      };
      const even = topics.filter((_, i) => i % 2 === 0 && i > 2);
      for (const limit of [1, 3, 11, 12, 100])
        expect((await pages("r/even/+", { limit })).flat()).toEqual([...even, "newer"]);
      expect((await pages("r/#", { limit: 100, maxBytes: 1 })).flat()).toHaveLength(22);
      expect(await pages("r/even/4", { limit: 9 })).toEqual([["r/even/4"]]);
      expect((await pages("r/even/2", { limit: 9 })).flat()).toEqual([]);
    });
  });
}
