import { describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import type { ClientSession } from "../../src/session/client-session.ts";
import { JsonClient } from "../e2e/json-client.ts";
import { RawClient } from "../e2e/raw-client.ts";
import { startNode, type TestNode } from "./node.ts";
import { until } from "../support/until.ts";

const KB = 1024;
const MB = 1024 * KB;
const TEXT = "x".repeat(20 * KB);

/** A client with a subscription that reads nothing any more, and one that publishes. */
async function stalled(policy: "close" | "skip", bound: number) {
  const node = await startNode({
    env: { WEBSOCKET_MAX_BUFFERED: `${bound / KB}KB`, NAMESPACE_DEFAULTS_SLOW_CONSUMER: policy },
  });
  const publisher = await JsonClient.connect(node.ws);
  const reader = await RawClient.open({ port: node.port });
  reader.text(`{"id":1,"connect":{}}\n{"id":2,"subscribe":{"topic":"chat/a"}}`);
  await reader.until(() => reader.objects().length === 2);
  reader.pause();
  const session = [...node.gateway.services.sessions].find((each) => each.open?.subscriptions.length === 1);
  if (session === undefined) throw new Error("there is no session");
  return { node, publisher, reader, session };
}

/** Publishes, one after another, until the condition holds; gives how many, and the most that waited for the client. */
async function publishUntil(publisher: JsonClient, session: ClientSession, condition: () => boolean) {
  let [count, most] = [0, 0];
  while (!condition()) {
    await publisher.ask({ publish: { topic: "chat/a", text: TEXT } });
    count += 1;
    if (session.state.kind === "open") most = Math.max(most, session.connection.getBufferedAmount());
  }
  return { count, most };
}

const offsets = (reader: RawClient): readonly number[] =>
  reader.objects().flatMap(({ message }) => (message === undefined ? [] : [(message as { offset: number }).offset]));

const closes = ({ gateway }: TestNode) => gateway.services.counters.closes.get("slow_consumer") ?? 0;

async function cutByFlood(): Promise<boolean> {
  const { node, publisher, reader, session } = await stalled("skip", 64 * KB);
  const { counters } = node.gateway.services;
  const other = await JsonClient.connect(node.ws);
  await other.ask({ subscribe: { topic: "chat/a" } });
  const isOver = (): boolean => session.state.kind === "closed" || counters.lagged > 0;
  const { count, most } = await publishUntil(publisher, session, isOver);
  if (counters.lagged > 0) return false;
  expect(closes(node)).toBe(0);
  expect(most).toBeGreaterThan(7 * 64 * KB);
  expect(most).toBeLessThanOrEqual(8 * 64 * KB + 2 * TEXT.length);
  await other.until(() => other.messages().length === count);
  reader.resume();
  await reader.until(() => reader.ended);
  expect(offsets(reader)).toEqual(offsets(reader).map((_, n) => n + 1));
  return true;
}

describe("a client on a real socket that does not read", () => {
  test("D30 is closed with 4501, and gets what it was sent before that", async () => {
    const { node, publisher, reader, session } = await stalled("close", 4 * MB);
    await publishUntil(publisher, session, () => session.state.kind !== "open");
    expect(closes(node)).toBe(1);
    reader.resume();
    await reader.until(() => reader.closeCode !== undefined);
    expect(reader.closeCode).toBe(CLOSES.slow_consumer.code);
    expect(offsets(reader)).toEqual(offsets(reader).map((_, n) => n + 1));
    reader.destroy();
    await until(() => node.gateway.services.sessions.size === 1);
  }, 20_000);

  test("D33 is cut at once when far more waits than its bound, and nobody else is", async () => {
    // The sweeper may come by first and let it lag, if seldom: then the same is tried again.
    while (!(await cutByFlood()));
  }, 20_000);

  test("D31 is passed by where the namespace skips, told of the gap, and goes on", async () => {
    const { node, publisher, reader, session } = await stalled("skip", 4 * MB);
    const { counters } = node.gateway.services;
    const { count } = await publishUntil(publisher, session, () => counters.lagged > 0);
    const before = session.connection.getBufferedAmount();
    for (let n = 0; n < 50; n++) await publisher.ask({ publish: { topic: "chat/a", text: TEXT } });
    expect(session.connection.getBufferedAmount()).toBeLessThanOrEqual(before);
    reader.resume();
    await reader.until(() => reader.objects().some(({ gap }) => gap !== undefined));
    const gap = reader.objects().find((each) => each["gap"] !== undefined)?.["gap"] as { after: number; to: number };
    expect(gap.to).toBe(count + 50);
    expect(offsets(reader)).toEqual(Array.from({ length: gap.after }, (_, n) => n + 1));
    await publisher.ask({ publish: { topic: "chat/a", text: "live again" } });
    await reader.until(() => offsets(reader).at(-1) === count + 51);
    reader.destroy();
  }, 20_000);
});
