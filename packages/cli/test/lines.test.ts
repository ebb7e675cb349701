import { expect, test } from "bun:test";
import fc from "fast-check";
import { LineQueue } from "../src/publish/line-queue.ts";
import { Sender } from "../src/publish/sender.ts";
import { splitLines } from "../src/publish/split-lines.ts";
import { NoServerError, RefusedError } from "../src/http/faults.ts";

const lines = (count: number) => Array.from({ length: count }, (_, i) => ({ number: i + 1, body: `"${i + 1}"` }));

/** A clock whose waits end at once, and cost the time that they ask for. */
function fastClock() {
  let now = 0;
  return {
    now: () => now,
    after: (ms: number, task: () => void) => {
      now += ms;
      queueMicrotask(task);
      return () => {};
    },
  };
}

/** Stores each body once, and does as the script says first. */
function fakeApi(script: ((bodies: readonly string[]) => readonly unknown[] | undefined)[]) {
  const stored: string[] = [];
  const publishAll = (bodies: readonly string[]): Promise<readonly unknown[]> =>
    new Promise((resolve) => {
      const answers = script.shift()?.(bodies) ?? bodies.map(() => ({ epoch: "e", offset: 1, duplicate: false }));
      for (const [i, body] of bodies.entries()) if (!("error" in (answers[i] as object))) stored.push(body);
      resolve(answers);
    });
  return { stored, publishAll };
}

const busy = { error: { reason: "overloaded", message: "busy", temporary: true } };
const lost = (): never => {
  throw new NoServerError({ base: "http://127.0.0.1:1", token: undefined }, "connection lost");
};

test("K17 what the server refuses for the moment is sent again, the rest is not", async () => {
  const api = fakeApi([(bodies) => bodies.map((_, i) => (i < 2 ? { epoch: "e", offset: 1, duplicate: false } : busy))]);
  const said: string[] = [];
  const sender = new Sender({ api, clock: fastClock(), waiting: (reason) => said.push(reason) });
  await sender.send(lines(5));
  expect(api.stored).toEqual(['"1"', '"2"', '"3"', '"4"', '"5"']);
  expect(sender.published).toBe(5);
  expect(said).toContain("busy");
});

test("K18 a line that is refused for good is told of when those before it are stored", async () => {
  const bad = { error: { reason: "too_large", message: "too large", temporary: false } };
  const api = fakeApi([() => [busy, bad, busy], (bodies) => bodies.map((_, i) => (i === 1 ? bad : { offset: 1 }))]);
  const sender = new Sender({ api, clock: fastClock(), waiting: () => {} });
  expect(await sender.send(lines(3)).catch(String)).toContain("line 2: the server refused: too large");
  expect(api.stored).toEqual(['"1"', '"3"']);
});

test("K17 a server that goes away after it took lines is waited for", async () => {
  const api = fakeApi([() => undefined, lost, lost]);
  const sender = new Sender({ api, clock: fastClock(), waiting: () => {} });
  await sender.send(lines(1));
  await sender.send(lines(3));
  expect(api.stored).toEqual(['"1"', '"1"', '"2"', '"3"']);
});

test("K17 a server that never answered is not waited for, and one that stays away not for ever", async () => {
  const never = new Sender({ api: fakeApi([lost]), clock: fastClock(), waiting: () => {} });
  expect(never.send(lines(1))).rejects.toThrow("no server at http://127.0.0.1:1");
  const gone = new Sender({
    api: fakeApi(Array.from({ length: 500 }, () => () => [busy])),
    clock: fastClock(),
    waiting: () => {},
  });
  expect(gone.send(lines(1))).rejects.toThrow("line 1: no progress for 30 s");
});

test("K17 a request that is too large is sent in halves", async () => {
  const tooLarge = (bodies: readonly string[]): undefined => {
    if (bodies.length > 2) throw new RefusedError({ reason: "too_large", message: "", temporary: false });
  };
  const api = fakeApi(Array.from({ length: 20 }, () => tooLarge));
  await new Sender({ api, clock: fastClock(), waiting: () => {} }).send(lines(9));
  expect(api.stored).toEqual(lines(9).map(({ body }) => body));
});

test("K16 however the bytes arrive, the lines are the same", async () => {
  const text = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }).map((line) => line.replaceAll(/[\r\n]/g, "")));
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (expected, size) => {
      const bytes = new TextEncoder().encode(expected.map((line) => `${line}\n`).join(""));
      const found: string[] = [];
      for await (const some of splitLines(chunks(bytes, size)))
        for (const line of some) found.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(line));
      expect(found).toEqual(expected.filter((line) => line !== ""));
    }),
  );
});

test("K16 the input waits while the server is slower", async () => {
  const queue = new LineQueue();
  let isFull = true;
  const adding = queue.add(lines(5000)).then(() => (isFull = false));
  expect(await queue.take(500, 1e9)).toHaveLength(500);
  expect(isFull).toBeTrue();
  expect(await queue.take(600, 1e9)).toHaveLength(600);
  await adding;
  queue.end();
  expect(await queue.take(9999, 9)).toHaveLength(1);
  expect(await queue.take(9999, 1e9)).toHaveLength(3899);
  expect(await queue.take(1, 1)).toHaveLength(0);
});

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, undefined> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size);
}
