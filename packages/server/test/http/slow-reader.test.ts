import { describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { CLOSES } from "@tidegate/protocol";
import type { ClientSession } from "../../src/session/client-session.ts";
import { Session } from "../../src/session/session.ts";
import { inspect } from "../../src/session/sweeper.ts";
import { sseCodec } from "../../src/transport/http/sse/codec.ts";
import { SseConnection } from "../../src/transport/http/sse/connection.ts";
import { publish, startNode, type Node } from "./harness.ts";
import { until } from "../support/until.ts";

const MB = 1024 * 1024;

/** A client that asks for a stream and then reads nothing until it is told to. */
async function stalled(
  node: Node,
  query: string,
): Promise<{ socket: Socket; text: () => string; ended: () => boolean }> {
  let text = "";
  let ended = false;
  const socket = connect(node.server.port ?? 0, "127.0.0.1");
  socket.on("error", () => {});
  socket.on("end", () => (ended = true));
  socket.on("data", (data: Buffer) => {
    text += data.toString();
    if (text.endsWith("0\r\n\r\n")) ended = true;
  });
  socket.write(`GET /v1/subscribe?${query} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await until(() => text.includes("event: subscribed"));
  socket.pause();
  return { socket, text: () => text, ended: () => ended };
}

function onlySession(node: Node): ClientSession {
  const [session] = node.gateway.services.sessions;
  if (session === undefined) throw new Error("there is no session");
  return session;
}

/** Publishes until more waits for the client than the bound of the slow-consumer policy. */
async function flood(node: Node, topic: string, bound: number): Promise<number> {
  const connection = onlySession(node).connection;
  const body = Array.from({ length: 10 }, () => ({ topic, text: "x".repeat(50_000) }));
  let sent = 0;
  while (connection.getBufferedAmount() <= bound) {
    await publish(node, body);
    sent += body.length;
  }
  return sent;
}

const slow = (policy: "close" | "skip") =>
  startNode({
    env: { WEBSOCKET_MAX_BUFFERED: "1MB" },
    change: (options) => ({
      ...options,
      namespaceDefaults: { ...options.namespaceDefaults, slowConsumer: policy, maxPayload: MB },
    }),
  });

const offsetsOf = (text: string): number[] =>
  [...text.matchAll(/"offset":(\d+),"previous"/g)].map((each) => Number(each[1]));

describe("a client that does not read", () => {
  test("H40 is closed with 4501, and finds that at the end of what it was sent", async () => {
    const node = await slow("close");
    const client = await stalled(node, "topic=chat/a");
    await flood(node, "chat/a", MB);
    const session = onlySession(node);
    inspect(session, Date.now());
    expect(session.state.kind).toBe("closing");
    expect(node.gateway.services.counters.closes.get("slow_consumer")).toBe(1);
    client.socket.resume();
    await until(client.ended);
    expect(client.text()).toContain(`event: close\ndata: {"code":${CLOSES.slow_consumer.code},`);
    const offsets = offsetsOf(client.text());
    expect(offsets).toEqual(offsets.map((_, n) => n + 1));
    expect(node.gateway.services.sessions.size).toBe(0);
  });

  test("H40 is cut if it does not even take the close", async () => {
    const node = await slow("close");
    const client = await stalled(node, "topic=chat/a");
    await flood(node, "chat/a", MB);
    const session = onlySession(node);
    inspect(session, Date.now());
    inspect(session, Date.now() + 60_000);
    expect([session.state.kind, node.gateway.services.sessions.size, node.gateway.admission.open]).toEqual([
      "closed",
      0,
      0,
    ]);
    client.socket.destroy();
  });

  test("H40 is told of a gap and goes on, where the namespace says skip", async () => {
    const node = await slow("skip");
    const client = await stalled(node, "topic=chat/a");
    const sent = await flood(node, "chat/a", MB);
    inspect(onlySession(node), Date.now());
    for (let n = 0; n < 5; n++) await publish(node, { topic: "chat/a", text: "passed by" });
    client.socket.resume();
    await until(() => client.text().includes("event: gap"));
    await publish(node, { topic: "chat/a", text: "live again" });
    await until(() => client.text().includes("live again"));
    const { epoch } = node.gateway.services.streamOf("chat").log;
    const gap = `event: gap\nid: ${epoch}:${sent + 5}\ndata: {"topic":"chat/a","after":${sent},"to":${sent + 5}}`;
    expect(client.text()).toContain(gap);
    expect(offsetsOf(client.text())).toEqual([...Array.from({ length: sent }, (_, n) => n + 1), sent + 6]);
    client.socket.destroy();
  });

  test("H41 catches up with a long history without having it held for it", async () => {
    const node = await slow("close");
    const bodies = Array.from({ length: 10 }, () => ({ topic: "chat/a", text: "x".repeat(50_000) }));
    for (let n = 0; n < 60; n++) await publish(node, bodies);
    const { epoch } = node.gateway.services.streamOf("chat").log;
    const client = await stalled(node, `topic=chat/a&since=${epoch}:0`);
    const { connection } = onlySession(node);
    await until(() => connection.getBufferedAmount() > MB / 2);
    let most = 0;
    for (let turn = 0; turn < 200; turn++) {
      most = Math.max(most, connection.getBufferedAmount());
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Half of the bound, and one page of history.
    expect(most).toBeLessThanOrEqual(MB);
    client.socket.resume();
    await until(() => offsetsOf(client.text()).length === 600);
    expect(offsetsOf(client.text())).toEqual(Array.from({ length: 600 }, (_, n) => n + 1));
    client.socket.destroy();
  }, 20_000);

  test("H40 the session hears as soon as everything was taken, and the end is bounded in time", async () => {
    const told = { drained: 0, closed: 0, limited: 0 };
    const session = {
      open: { subscriptions: [{}] },
      drained: () => void (told.drained += 1),
      closed: () => void (told.closed += 1),
    };
    const limitTime = (): void => void (told.limited += 1);
    const connection = new SseConnection({ hardLimit: MB, over: () => {}, limitTime });
    connection.attach(session as unknown as Session);
    connection.send("data: x\n\n");
    const reader = new Response(connection.body).body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("data: x\n\n");
    await until(() => told.drained === 1);
    expect(told).toEqual({ drained: 1, closed: 0, limited: 0 });
    connection.terminate();
    expect(told).toEqual({ drained: 1, closed: 1, limited: 1 });
    expect((await reader.read()).done).toBe(true);
  });

  test("H41 is cut at once when far too much comes in a moment", async () => {
    const node = await slow("skip");
    const client = await stalled(node, "topic=chat/a");
    const { connection } = onlySession(node);
    // One batch gets through whatever its size.
    connection.send(new Uint8Array(9 * MB).fill(10));
    expect(connection.getBufferedAmount()).toBe(9 * MB);
    connection.send("more");
    expect([connection.getBufferedAmount(), node.gateway.services.sessions.size]).toEqual([0, 0]);
    connection.send("and more");
    expect([connection.getBufferedAmount(), node.gateway.admission.open]).toEqual([0, 0]);
    client.socket.destroy();
  });

  test("H41 a page of history larger than the bound gets through", async () => {
    const node = await startNode({ env: { WEBSOCKET_MAX_BUFFERED: "16KB" } });
    for (let n = 0; n < 12; n++) await publish(node, { topic: "chat/a", text: "x".repeat(60_000) });
    const { epoch } = node.gateway.services.streamOf("chat").log;
    const client = await stalled(node, `topic=chat/a&since=${epoch}:0`);
    client.socket.resume();
    await until(() => offsetsOf(client.text()).length === 12);
    client.socket.destroy();
  });
});

describe("encoding", () => {
  test("H46 many streams of a topic share the bytes of a batch", async () => {
    let encoded = 0;
    const node = await startNode();
    const epochOf = (): string => {
      encoded += 1;
      return "e";
    };
    const codec = sseCodec({ epochOf, random: () => 0 });
    const sent: unknown[][] = [];
    const { services } = node.gateway;
    const { Subscription } = await import("../../src/delivery/subscription.ts");
    for (let n = 0; n < 5; n++) {
      const connection = new SseConnection({ hardLimit: MB, over: () => {}, limitTime: () => {} });
      const frames: unknown[] = [];
      sent.push(frames);
      connection.send = (frame) => void frames.push(frame);
      new Subscription(services.hub, new Session(connection, codec, services, "x"), "chat/h46").goLive();
    }
    await publish(node, [
      { topic: "chat/h46", text: "a" },
      { topic: "chat/h46", text: "b" },
    ]);
    await until(() => sent.every((frames) => frames.length > 0));
    expect(encoded).toBe(2);
    for (const frames of sent) expect(frames[0]).toBe(sent[0]?.[0]);
    for (const session of [...services.sessions]) session.closed(false);
  });
});
