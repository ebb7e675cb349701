import { describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import { inspect } from "../../src/session/sweeper.ts";
import { createHttpApi } from "../../src/transport/http/api.ts";
import { EventReader, type SseEvent } from "./event-reader.ts";
import { errorOf, publish, startNode, type Node } from "./harness.ts";
import { authenticated, tokenOf } from "./who.ts";
import { until } from "../support/until.ts";

const node = await startNode();

const streamOf = (query: string, headers: Record<string, string> = {}, of: Node = node): Promise<EventReader> =>
  EventReader.open(`${of.url}/v1/subscribe?${query}`, headers);

const dataOf = (event: SseEvent | undefined): Record<string, unknown> =>
  JSON.parse(event?.data ?? "null") as Record<string, unknown>;

const textsOf = (events: readonly SseEvent[]): string => events.map((each) => dataOf(each)["text"]).join("");

const quiet = (of: Node = node): Promise<void> => until(() => of.gateway.services.sessions.size === 0);

describe("a stream", () => {
  test("H30 H47 begins with retry and subscribed, and has its headers", async () => {
    const stream = await streamOf("topic=chat/h30");
    const first = await stream.next();
    expect(first?.event).toBe("subscribed");
    expect(stream.retry).toBe(3000);
    const names = ["content-type", "cache-control", "x-accel-buffering"];
    expect(names.map((name) => stream.response.headers.get(name))).toEqual(["text/event-stream", "no-store", "no"]);
    stream.leave();
  });

  test("H31 a message is an event without a name", async () => {
    const stream = await streamOf("topic=chat/h31");
    await stream.next();
    const { epoch, offset } = await publish(node, {
      topic: "chat/h31",
      data: { a: 'x"\n' },
      messageId: "m",
      retain: true,
    });
    const message = await stream.next();
    expect([message?.event, message?.id]).toEqual(["message", `${epoch}:${offset}`]);
    expect(dataOf(message)).toMatchObject({
      topic: "chat/h31",
      offset,
      previous: 0,
      id: "m",
      data: { a: 'x"\n' },
      retain: true,
    });
    stream.leave();
  });

  test("H31 a payload with line breaks stays one event", async () => {
    const stream = await streamOf("topic=chat/h31b");
    await stream.next();
    await publish(node, '{"topic":"chat/h31b","data":{\n"a":\r\n1}}');
    await publish(node, { topic: "chat/h31b", text: "a\n\nevent: close\ndata: x\r\u2028" });
    const [json, text] = await stream.take(2);
    expect([dataOf(json)["data"], dataOf(text)["text"]]).toEqual([{ a: 1 }, "a\n\nevent: close\ndata: x\r\u2028"]);
    stream.leave();
  });

  test("H32 a filter over several namespaces has no ids", async () => {
    const stream = await streamOf("topic=%2B/h32");
    expect(await stream.next()).toEqual({ event: "subscribed", data: "{}", id: undefined });
    await publish(node, { topic: "other/h32", text: "x" });
    const message = await stream.next();
    expect([message?.id, dataOf(message)["filter"]]).toEqual([undefined, "+/h32"]);
    stream.leave();
  });

  test("H31 a filter within a namespace has them", async () => {
    const stream = await streamOf("topic=chat/%2B/h31c");
    await stream.next();
    const { epoch, offset } = await publish(node, { topic: "chat/a/h31c", text: "x" });
    expect((await stream.next())?.id).toBe(`${epoch}:${offset}`);
    stream.leave();
  });

  test("H36 retained values come first", async () => {
    for (const [text, retain] of [
      ["old", true],
      ["new", true],
      ["passing", false],
    ])
      await publish(node, { topic: "chat/h36", text, retain });
    const stream = await streamOf("topic=chat/h36&retained=true");
    await publish(node, { topic: "chat/h36", text: "live" });
    const events = await stream.take(3);
    expect(events.map((each) => each.event)).toEqual(["subscribed", "message", "message"]);
    expect(events.slice(1).map((each) => dataOf(each)["text"])).toEqual(["new", "live"]);
    stream.leave();
  });

  test("H49 the personal topic is not added", async () => {
    const guarded = await startNode(authenticated());
    const stream = await streamOf("topic=chat/h49", { Authorization: `Bearer ${await tokenOf("alice")}` }, guarded);
    await stream.next();
    const [session] = guarded.gateway.services.sessions;
    expect(session?.open?.subscriptions.map((each) => each.group.filter)).toEqual(["chat/h49"]);
    expect(session?.open?.identity.user).toBe("alice");
    stream.leave();
  });
});

describe("resuming", () => {
  test("H33 after a loss come all that was missed, once, in order, then the live ones", async () => {
    const total = 400;
    const { epoch, offset } = await publish(node, { topic: "chat/h33", text: "start" });
    const publishing = (async () => {
      for (let n = 0; n < total; n++) await publish(node, { topic: "chat/h33", data: n });
    })();
    const seen: number[] = [];
    let last = `${epoch}:${offset}`;
    for (let round = 0; seen.length < total; round++) {
      // `since` stays what it was in the address; Last-Event-ID is newer.
      const stream = await streamOf(`topic=chat/h33&since=${epoch}:${offset}`, { "Last-Event-ID": last });
      expect(dataOf(await stream.next())["recovered"]).toBe(true);
      for (const event of await stream.take(Math.min(1 + ((round * 7) % 31), total - seen.length))) {
        seen.push(dataOf(event)["data"] as number);
        last = event.id ?? last;
      }
      stream.leave();
    }
    await publishing;
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => n));
    await quiet();
  });

  test("H33 an empty Last-Event-ID is none, a wrong one is refused", async () => {
    const stream = await streamOf("topic=chat/a", { "Last-Event-ID": "" });
    expect(dataOf(await stream.next())["recovered"]).toBeUndefined();
    stream.leave();
    const response = await fetch(`${node.url}/v1/subscribe?topic=chat/a`, { headers: { "Last-Event-ID": "17" } });
    expect((await errorOf(response)).message).toStartWith("Last-Event-ID: it must be epoch:offset");
  });

  test("H34 another epoch is a gap, and the stream goes on live", async () => {
    const { epoch, offset } = await publish(node, { topic: "chat/h34", text: "before" });
    const stream = await streamOf("topic=chat/h34&since=another:3");
    const [subscribed, gap] = await stream.take(2);
    const at = (dataOf(subscribed) as { offset: number }).offset;
    expect(dataOf(subscribed)).toEqual({ epoch, offset: at, recovered: false });
    expect(at).toBeGreaterThanOrEqual(offset);
    expect(subscribed?.id).toBe(`${epoch}:${at}`);
    expect([gap?.event, gap?.id, dataOf(gap)]).toEqual([
      "gap",
      `${epoch}:${at}`,
      { topic: "chat/h34", after: 0, to: at },
    ]);
    await publish(node, { topic: "chat/h34", text: "live" });
    expect(dataOf(await stream.next())["text"]).toBe("live");
    stream.leave();
  });

  test("H34 what retention removed is a gap that begins where the client was", async () => {
    const small = await startNode({
      change: (options) => ({
        ...options,
        namespaceDefaults: { ...options.namespaceDefaults, history: { size: 2, age: 3_600_000 } },
      }),
    });
    const first = await publish(small, { topic: "chat/a", text: "0" });
    for (const text of ["1", "2", "3"]) await publish(small, { topic: "chat/a", text });
    await small.gateway.streams.trim();
    const stream = await streamOf(`topic=chat/a&since=${first.epoch}:${first.offset}`, {}, small);
    const [subscribed, gap] = await stream.take(2);
    expect(dataOf(subscribed)["recovered"]).toBe(false);
    expect(dataOf(gap)).toEqual({ topic: "chat/a", after: first.offset, to: 4 });
    stream.leave();
  });

  test("H35 a client that is lost before its first message misses none", async () => {
    const first = await streamOf("topic=chat/h35");
    const id = (await first.next())?.id ?? "";
    first.leave();
    await quiet();
    for (const text of ["a", "b"]) await publish(node, { topic: "chat/h35", text });
    const second = await streamOf("topic=chat/h35", { "Last-Event-ID": id });
    const [subscribed, ...rest] = await second.take(3);
    expect([subscribed?.id, textsOf(rest)]).toEqual([id, "ab"]);
    second.leave();
  });
});

describe("refusals", () => {
  test.each([
    ["", 400, "subscribe.topic: it is missing"],
    ["topic=a/%23/b", 400, "# is allowed only as the last level"],
    ["topic=a&topic=b", 400, "topic: it is there twice"],
    ["topic=a&retained=1", 400, "subscribe.retained: it must be true or false"],
    ["topic=a&since=x", 400, "subscribe.since: it must be epoch:offset"],
    ["topic=a&window=3", 400, 'unknown parameter "window"'],
    ["topic=%23&retained=true", 400, "retained and window need a topic, or a filter within one namespace"],
  ])("H37 %s is an HTTP error", async (query, status, message) => {
    const response = await fetch(`${node.url}/v1/subscribe?${query}`);
    expect(response.status).toBe(status);
    expect((await errorOf(response)).message).toContain(message);
    await quiet();
  });

  test("H37 also when the log fails", async () => {
    const broken = await startNode();
    const stream = broken.gateway.services.streamOf("chat");
    await stream.log.close();
    const response = await fetch(`${broken.url}/v1/subscribe?topic=chat/a&since=${stream.log.epoch}:0`);
    expect([response.status, (await errorOf(response)).reason]).toEqual([503, "unavailable"]);
    expect([broken.gateway.services.sessions.size, broken.gateway.admission.open]).toEqual([0, 0]);
  });

  test("H48 streams count for the limits of the server and of a user", async () => {
    const setting = authenticated();
    const env = { ...setting.env, CONNECTIONS_MAX: "3", CONNECTIONS_PER_USER: "1" };
    const full = await startNode({ ...setting, env });
    const open = async (user: string) =>
      fetch(`${full.url}/v1/subscribe?topic=chat/a`, { headers: { Authorization: `Bearer ${await tokenOf(user)}` } });
    const first = await open("alice");
    expect(first.status).toBe(200);
    expect((await errorOf(await open("alice"))).reason).toBe("rate_limited");
    expect(full.gateway.admission.open).toBe(1);
    await Promise.all([open("bob"), open("carol")]);
    const refused = await open("dave");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    await first.body?.cancel();
    await until(() => full.gateway.admission.open === 2);
    expect((await open("alice")).status).toBe(200);
  });
});

describe("the end", () => {
  test("H38 a close is told after all that was sent", async () => {
    const stream = await streamOf("topic=chat/h38");
    await stream.next();
    await publish(node, { topic: "chat/h38", text: "last" });
    for (const session of [...node.gateway.services.sessions]) session.close("draining", "this node is about to stop");
    const [message, close, end] = [await stream.next(), await stream.next(), await stream.next()];
    expect(dataOf(message)["text"]).toBe("last");
    expect([close?.event, dataOf(close)]).toEqual([
      "close",
      { code: CLOSES.draining.code, reason: "this node is about to stop" },
    ]);
    expect(end).toBeUndefined();
    await quiet();
  });

  test("H39 who goes away leaves nothing behind", async () => {
    await quiet();
    const { services, admission } = node.gateway;
    const groups = services.hub.groups;
    const streams = await Promise.all(Array.from({ length: 20 }, () => streamOf("topic=chat/h39")));
    await Promise.all(streams.map((stream) => stream.next()));
    expect([services.sessions.size, admission.open, services.hub.groups]).toEqual([20, 20, groups + 1]);
    for (const stream of streams) stream.leave();
    await quiet();
    expect([admission.open, services.hub.groups]).toEqual([0, groups]);
  });

  test("H39 also who goes while the stream is about to begin", async () => {
    const slow = await startNode();
    const { log } = slow.gateway.services.streamOf("chat");
    const read = log.read.bind(log);
    const { promise, resolve } = Promise.withResolvers<void>();
    log.read = async (query) => {
      await promise;
      return read(query);
    };
    const abort = new AbortController();
    const request = fetch(`${slow.url}/v1/subscribe?topic=chat/a&since=${log.epoch}:0`, { signal: abort.signal });
    const failed = request.catch((error: Error) => error.name);
    await until(() => slow.gateway.services.sessions.size === 1);
    abort.abort();
    expect(await failed).toBe("AbortError");
    resolve();
    await quiet(slow);
    expect(slow.gateway.admission.open).toBe(0);
  });

  test("H43 the connection of a stream has no idle time", async () => {
    const { gateway } = node;
    const { services, admission, streams, cluster } = gateway;
    const timeouts: number[] = [];
    const api = createHttpApi({
      ...{ services, admission, streams: streams.all, maxBody: 1000, allowedOrigins: [], trustProxy: false },
      ...{ heartbeat: 25_000, metrics: undefined, random: () => 0, cluster, isOpen: true },
    });
    const server = { requestIP: () => null, timeout: (_: Request, seconds: number) => void timeouts.push(seconds) };
    const response = await api.fetch(new Request("http://a/v1/subscribe?topic=chat/h43"), server);
    expect([response?.status, timeouts]).toEqual([200, [0]]);
    await response?.body?.cancel();
    await quiet();
  });

  test("H44 a subscription that the server ends, ends the stream", async () => {
    const broken = await startNode();
    const { log } = broken.gateway.services.streamOf("chat");
    for (let n = 0; n < 300; n++) await publish(broken, { topic: "chat/a", text: "x" });
    const read = log.read.bind(log);
    let reads = 0;
    // The first page is read after a look at what is there; the second is not.
    log.read = (query) => (++reads > 2 ? Promise.reject(new Error("the disk is gone")) : read(query));
    const stream = await streamOf(`topic=chat/a&since=${log.epoch}:0`, {}, broken);
    const events = await stream.take(1000);
    expect(events.slice(-2).map((each) => each.event)).toEqual(["unsubscribed", "close"]);
    expect(dataOf(events.at(-2))).toMatchObject({ topic: "chat/a", error: { reason: "unavailable" } });
    expect(dataOf(events.at(-1))["code"]).toBe(CLOSES.internal.code);
    expect(events.filter((each) => each.event === "message")).toHaveLength(200);
    await quiet(broken);
  });

  test("H45 a node that stops spreads its streams", async () => {
    const stopping = await startNode({ env: { DRAIN_SPREAD: "10s", DRAIN_DEADLINE: "25s" } });
    const stream = await streamOf("topic=chat/a", {}, stopping);
    await stream.next();
    const [session] = stopping.gateway.services.sessions;
    session?.send(session.encoder.push({ kind: "reconnect", delay: 100, spread: 10_000 }));
    const event = await stream.next();
    expect([event?.event, dataOf(event), stream.retry]).toEqual(["reconnect", { delay: 100, spread: 10_000 }, 5100]);
    stream.leave();
    await quiet(stopping);
  });

  test("H38 a token that ends, ends its stream", async () => {
    const guarded = await startNode(authenticated());
    const token = await tokenOf("alice", { expiresIn: 60_000 });
    const stream = await streamOf(`topic=chat/a&token=${token}`, {}, guarded);
    await stream.next();
    const [session] = guarded.gateway.services.sessions;
    if (session !== undefined) inspect(session, Date.now() + 3_600_000);
    expect(dataOf(await stream.next())["code"]).toBe(CLOSES.token_expired.code);
    await quiet(guarded);
  });
});
