import { describe, expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import { message, numbered, texts } from "../fixture.ts";
import { bench, type LogSubject } from "./subject.ts";

const TOPICS = ["chat/a", "chat/b", "chat/b/deep", "chat", "iot/a", "$sys/a"];

export function readContract(name: string, subject: LogSubject): void {
  describe(`${name}: reading`, () => {
    test.each([
      ["chat/a", ["chat/a"]],
      ["chat/+", ["chat/a", "chat/b"]],
      ["+/a", ["chat/a", "iot/a"]],
      ["chat/#", ["chat/a", "chat/b", "chat/b/deep", "chat"]],
      ["#", ["chat/a", "chat/b", "chat/b/deep", "chat", "iot/a"]],
      ["$sys/#", ["$sys/a"]],
      ["none/#", []],
      ["none", []],
    ])("L12 read %s gives its topics in offset order", async (filter, expected) => {
      const { log } = await bench(subject);
      await log.append(TOPICS.map((topic) => message(topic, topic)));
      const page = await log.read({ filter, after: 0, limit: 100 });
      expect(texts(page)).toEqual(expected);
      expect(page).toMatchObject({ more: false, complete: true, next: log.head() });
    });

    test.each(["a", "+"])("L13 read %s stops at its limit and says where to go on", async (filter) => {
      const { log } = await bench(subject);
      const results = await log.append([...numbered("a", 5), message("other/topic", "x")]);
      const page = await log.read({ filter, after: results[0]?.stored.offset ?? 0, limit: 2 });
      expect(texts(page)).toEqual(["2", "3"]);
      expect(page).toMatchObject({ more: true, complete: true, next: results[2]?.stored.offset });
      const rest = await log.read({ filter, after: page.next, limit: 2 });
      expect(texts(rest)).toEqual(["4", "5"]);
      expect(rest).toMatchObject({ more: false, next: log.head() });
      expect(await log.read({ filter, after: rest.next, limit: 2 })).toMatchObject({ messages: [], more: false });
    });

    test.each(["a", "+"])("L13 read %s stops after the message that reaches its bytes", async (filter) => {
      const { log } = await bench(subject);
      await log.append(["aaaa", "bbbb", "cccc", "dddd"].map((text) => message("a", text)));
      const page = await log.read({ filter, after: 0, limit: 10, maxBytes: 5 });
      expect(texts(page)).toEqual(["aaaa", "bbbb"]);
      expect(page.more).toBe(true);
      const one = await log.read({ filter, after: page.next, limit: 10, maxBytes: 1 });
      expect(texts(one)).toEqual(["cccc"]);
      const all = await log.read({ filter, after: one.next, limit: 10, maxBytes: 4 });
      expect(all).toMatchObject({ more: false, next: log.head() });
    });

    test.each(["t/1", "t/+", "#"])(
      "L14 paging through %s while appends go on gives each message once",
      async (filter) => {
        const { log } = await bench(subject);
        const seen: Stored[] = [];
        const appends: Promise<unknown>[] = [log.append(numbered("t/1", 10))];
        await appends[0];
        for (let after = 0; ;) {
          if (appends.length < 40) appends.push(log.append([...numbered("t/1", 7), ...numbered("other/x/y", 3)]));
          const page = await log.read({ filter, after, limit: 9 });
          seen.push(...page.messages);
          after = page.next;
          if (page.more) continue;
          const ended = appends.length === 40 && (await Promise.all(appends)).length === 40;
          if (ended && after === log.head()) break;
          await appends.at(-1);
        }
        const mine = seen.filter((stored) => stored.message.topic === "t/1");
        expect(mine.length).toBe(10 + 39 * 7);
        expect(seen.every((stored, i) => stored.offset > (seen[i - 1]?.offset ?? 0))).toBe(true);
      },
    );

    test("L15 latest gives the newest messages of a topic, oldest first, and pages backwards", async () => {
      const { log } = await bench(subject);
      for (let i = 1; i <= 5; i++) await log.append([message("a", String(i)), message("b", "x")]);
      const newest = await log.latest({ topic: "a", limit: 2 });
      expect(texts(newest)).toEqual(["4", "5"]);
      expect(newest).toMatchObject({ more: true, complete: true, next: newest.messages[0]?.offset });
      const older = await log.latest({ topic: "a", before: newest.next, limit: 3 });
      expect(texts(older)).toEqual(["1", "2", "3"]);
      expect(older).toMatchObject({ more: false, complete: true });
      expect(await log.latest({ topic: "none", limit: 3 })).toMatchObject({
        messages: [],
        more: false,
        complete: true,
      });
      expect(texts(await log.latest({ topic: "a", limit: 100 }))).toEqual(["1", "2", "3", "4", "5"]);
    });

    test("L12 L15 a topic of more messages than any inner step is read whole, both ways", async () => {
      const { log } = await bench(subject);
      const count = 9000;
      for (let i = 0; i < count; i += 1500) await log.append(numbered("a", 1500, i + 1));
      await log.append(numbered("b", 10));
      const expected = Array.from({ length: count }, (_, i) => String(i + 1));
      expect(texts(await log.read({ filter: "a", after: 0, limit: count }))).toEqual(expected);
      expect(texts(await log.read({ filter: "a/#", after: 0, limit: count }))).toEqual(expected);
      expect(texts(await log.latest({ topic: "a", limit: count }))).toEqual(expected);
      expect(texts(await log.read({ filter: "b/#", after: 0, limit: 5 }))).toEqual(["1", "2", "3", "4", "5"]);
    });
  });
}
