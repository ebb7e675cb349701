import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { expectChain } from "./contract/order.contract.ts";
import { message, readAll } from "./fixture.ts";
import { linesOfKilled } from "../support/killed-child.ts";
import { TempLogs } from "./temp-logs.ts";

const CHILD = join(import.meta.dir, "crash-child.ts");

const temp = new TempLogs();
afterAll(() => temp.remove());

/** Message ids and the offsets that they were acknowledged with. */
type Acknowledged = Map<string, number>;

/** Opens what the crash left: every acknowledged message is there once, in its place, and the chains are whole. */
async function verify(path: string, durability: "process" | "power", acknowledged: Acknowledged): Promise<void> {
  const log = await temp.open({ path, durability, clock: systemClock });
  const { messages, complete } = await readAll(log, "#", 1000);
  expect(complete).toBe(true);
  const stored = new Map(messages.map((one) => [one.message.id ?? "", one.offset]));
  expect(stored.size).toBe(messages.length);
  expect([...acknowledged].filter(([id, offset]) => stored.get(id) !== offset)).toEqual([]);
  expect(messages.every((one, i) => one.offset === i + 1)).toBe(true);
  for (let k = 0; k < 5; k++) expectChain((await readAll(log, `t/${k}`, 1000)).messages, 0);
  const [last] = [...acknowledged].slice(-1);
  const [again] = await log.append([message(topicOf(last?.[0] ?? ""), "again", { id: last?.[0] ?? "" })]);
  expect(again).toMatchObject({ duplicate: true, stored: { offset: last?.[1] } });
  await log.close();
}

function topicOf(id: string): string {
  return `t/${Number(id.split("-").at(-1)) % 5}`;
}

describe.each([
  ["process", 20],
  ["power", 5],
] as const)("sqlite log, %s: kill -9", (durability, rounds) => {
  test(`L54 over ${rounds} kills every acknowledged message is stored once and no offset comes twice`, async () => {
    const path = temp.path();
    const acknowledged: Acknowledged = new Map();
    for (let round = 0; round < rounds; round++) {
      const before = acknowledged.size;
      const lines = await linesOfKilled(CHILD, [path, durability, `${round}`], 1 + Math.floor(Math.random() * 1500));
      for (const [id = "", offset] of lines) acknowledged.set(id, Number(offset));
      expect(acknowledged.size).toBeGreaterThan(before);
      await verify(path, durability, acknowledged);
    }
  }, 120_000);
});
