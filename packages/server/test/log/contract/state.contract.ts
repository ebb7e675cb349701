import { describe, expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import { errorName, message, numbered } from "../fixture.ts";
import { bench, type LogSubject } from "./subject.ts";

export function stateContract(name: string, subject: LogSubject): void {
  describe(`${name}: tail and state`, () => {
    test("L26 the tail sees every message once, in order, before its append resolves", async () => {
      const { log } = await bench(subject);
      const seen: Stored[] = [];
      log.tail({ messages: (batch) => void seen.push(...batch) });
      const stored: number[] = [];
      const appends = Array.from({ length: 30 }, async (_, i) => {
        const results = await log.append([message("a", `${i}`, { id: `${i % 20}` }), message("b", `${i}`)]);
        for (const { stored: place, duplicate } of results) {
          expect(seen.some((one) => one.offset === place.offset)).toBe(true);
          if (!duplicate) stored.push(place.offset);
        }
        expect(log.head()).toBeGreaterThanOrEqual(results.at(-1)?.stored.offset ?? Infinity);
      });
      await Promise.all(appends);
      expect(seen.map((one) => one.offset)).toEqual(stored);
      const page = await log.read({ filter: "#", after: 0, limit: 100 });
      const facts = (one: Stored): unknown[] => [one.offset, one.previous, one.message.topic, one.message.payload.text];
      expect(seen.map(facts)).toEqual(page.messages.map(facts));
    });

    test("L26 the tail sees a message before it can be read", async () => {
      const { log } = await bench(subject);
      let seen = 0;
      log.tail({ messages: (batch) => void (seen = batch.at(-1)?.offset ?? seen) });
      const appends = Array.from({ length: 10 }, (_, i) => log.append([message("a", `${i}`)]));
      for (let reads = 0; reads < 30; reads++) {
        const page = await log.read({ filter: "a", after: 0, limit: 100 });
        expect(page.messages.at(-1)?.offset ?? 0).toBeLessThanOrEqual(seen);
      }
      await Promise.all(appends);
    });

    test("L27 a log has one tail, and an ended tail hears nothing more", async () => {
      const { log } = await bench(subject);
      let heard = 0;
      const end = log.tail({ messages: (batch) => void (heard += batch.length) });
      expect(() => log.tail({ messages: () => {} })).toThrow("tail");
      await log.append(numbered("a", 2));
      end();
      await log.append(numbered("a", 2));
      expect(heard).toBe(2);
      log.tail({ messages: (batch) => void (heard += batch.length) });
      await log.append(numbered("a", 3));
      expect(heard).toBe(5);
    });

    test("L28 head is the newest stored offset, 0 for an empty log, and survives a restart", async () => {
      const made = await bench(subject);
      expect(made.log.head()).toBe(0);
      const results = await made.log.append(numbered("a", 3));
      expect(made.log.head()).toBe(results.at(-1)?.stored.offset ?? -1);
      await made.restart();
      expect(made.log.head()).toBe(results.at(-1)?.stored.offset ?? -1);
    });

    test("L29 a closed log has finished what was under way and refuses everything after", async () => {
      const { log } = await bench(subject);
      await log.probe();
      const last = log.append([message("a", "last")]);
      await log.close();
      expect((await last)[0]?.duplicate).toBe(false);
      await log.close();
      const calls = [
        log.append([message("a", "1")]),
        log.read({ filter: "a", after: 0, limit: 1 }),
        log.read({ filter: "#", after: 0, limit: 1 }),
        log.latest({ topic: "a", limit: 1 }),
        log.retained("a", 1),
        log.trim(),
        log.probe(),
      ];
      for (const call of calls) expect(await errorName(call)).toBe("LogUnavailable");
    });

    test("L29 what was under way at close is there after a restart", async () => {
      const made = await bench(subject);
      const last = made.log.append([message("a", "last")]);
      await made.restart();
      await last;
      expect((await made.log.read({ filter: "a", after: 0, limit: 1 })).messages.length).toBe(1);
    });

    test("L31 the epoch stays over a restart and is another one for another log", async () => {
      const made = await bench(subject);
      const { epoch } = made.log;
      expect(epoch.length).toBeGreaterThan(0);
      await made.restart();
      expect(made.log.epoch).toBe(epoch);
      expect((await bench(subject)).log.epoch).not.toBe(epoch);
    });
  });
}
