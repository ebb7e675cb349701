import { describe, expect, test } from "bun:test";
import { heapStats } from "bun:jsc";
import { type Message, Payload } from "@tidegate/protocol";
import fc from "fast-check";
import { MemoryLog } from "../../src/adapters/memory/log.ts";
import { KEEP_ALL, message, readAll } from "./fixture.ts";
import { ManualClock } from "./manual-clock.ts";

const text = fc.string({ maxLength: 40 });
const payload = fc.oneof(
  text.map((each) => Payload.text(each)),
  text.map((each) => Payload.json(JSON.stringify(each))),
  fc.uint8Array({ maxLength: 40 }).map((each) => Payload.binary(each)),
  // On both sides of the bound up to which a payload is copied.
  fc.integer({ min: 1000, max: 1100 }).map((size) => Payload.binary(new Uint8Array(size).fill(size))),
);
const fields: fc.Arbitrary<Partial<Message>> = fc.record({
  payload,
  from: fc.option(text, { nil: undefined }),
  headers: fc.option(fc.dictionary(text, text), { nil: undefined }),
  priority: fc.constantFrom(0, 1, 2),
  retain: fc.boolean(),
  origin: fc.constantFrom("websocket", "http", "mqtt", "grpc", "server"),
});
const stated = fc.oneof(
  fc.constant({}),
  fc.constantFrom(0, 1, 2).map((quality) => ({ quality }) as Partial<Message>),
);

describe("memory log", () => {
  test("L5 L18 L24 what is kept comes back as it was, however much around it was let go", async () => {
    const one = fc.tuple(fc.integer({ min: 0, max: 9 }), fields, stated);
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 300, maxLength: 1500, size: "max" }), async (all) => {
        const size = (topic: string): number => (topic === "t/0" ? 200 : Number(topic.slice(2)));
        const retention = (topic: string) => ({ ...KEEP_ALL, size: size(topic) });
        const log = new MemoryLog({ clock: new ManualClock(), epoch: "e", maxBytes: 64 << 20, retention });
        const messages = all.map(([topic, some, more]) => message(`t/${topic}`, "", { ...some, ...more }));
        for (let i = 0; i < messages.length; i += 100) await log.append(messages.slice(i, i + 100));
        for (let topic = 0; topic < 10; topic++) {
          const own = messages.filter((each) => each.topic === `t/${topic}`);
          const read = await readAll(log, `t/${topic}`);
          expect(read.messages.map((each) => plain(each.message))).toEqual(own.slice(-size(`t/${topic}`)).map(plain));
          const last = own.findLast((each) => each.retain);
          const expected = last === undefined || last.payload.size === 0 ? [] : [plain(last)];
          expect((await log.retained(`t/${topic}`, 9)).map((each) => plain(each.message))).toEqual(expected);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("L42 a message of 100 bytes takes at most 300", async () => {
    const log = new MemoryLog({ clock: new ManualClock(), epoch: "e", maxBytes: 64 << 20, retention: () => KEEP_ALL });
    const payload = (): Payload => Payload.of("json", Buffer.alloc(100, "1"));
    const before = held();
    for (let i = 0; i < 100; i++)
      await log.append(Array.from({ length: 500 }, (_, k) => message(`t/${k % 50}`, "", { payload: payload() })));
    expect((held() - before) / 50_000).toBeLessThan(300);
    expect(log.head()).toBe(50_000);
  });

  test("L42 the memory of messages that were let go is given back, wherever they stood", async () => {
    const retention = (topic: string) => ({ ...KEEP_ALL, size: topic === "rare" ? 1000 : 1 });
    const log = new MemoryLog({ clock: new ManualClock(), epoch: "e", maxBytes: 64 << 20, retention });
    const before = held();
    const bytes = new Uint8Array(100);
    for (let i = 0; i < 500; i++)
      await log.append(
        Array.from({ length: 400 }, (_, k) =>
          message(k === 0 ? "rare" : "often", "", { payload: Payload.binary(bytes) }),
        ),
      );
    // All 200,000 would take 35 MB.
    expect(held() - before).toBeLessThan(2 << 20);
    expect((await readAll(log, "rare")).messages).toHaveLength(500);
  });
});

function held(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

function plain(each: Message): object {
  return { ...each, payload: each.payload.bytes.toHex(), format: each.payload.format };
}
