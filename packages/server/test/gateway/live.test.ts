import { describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import { JsonClient } from "../e2e/json-client.ts";
import { RawClient } from "../e2e/raw-client.ts";
import { startNode } from "./node.ts";
import { SECRET, tokenOf } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const AUTH = { AUTH_JWT_SECRET: SECRET, AUTH_GRACE_AFTER_EXPIRY: "0", AUTH_JWT_LEEWAY: "0" };

describe("time", () => {
  test("S15 who says nothing is closed with 4004", async () => {
    const { ws } = await startNode({ env: { CONNECTIONS_CONNECT_TIMEOUT: "100ms" } });
    const silent = await JsonClient.open(ws);
    expect((await silent.end()).code).toBe(CLOSES.connect_timeout.code);
  });

  test("S23 S20 a token whose time is over closes with 4002; refresh before it does not let that happen", async () => {
    const { ws, gateway } = await startNode({ env: AUTH });
    const token = await tokenOf("ann", { expiresIn: 1000 });
    const [late, fresh] = [await JsonClient.connect(ws, token), await JsonClient.connect(ws, token)];
    const answer = await fresh.ask({ refresh: { token: await tokenOf("ann", { expiresIn: 3_600_000 }) } });
    expect(answer["refresh"]).toHaveProperty("expires");
    expect((await late.end()).code).toBe(CLOSES.token_expired.code);
    expect(await fresh.ask({ ping: {} })).toMatchObject({ ping: {} });
    expect(gateway.services.sessions.connectionsOf("ann")).toBe(1);
  });
});

describe("users", () => {
  test("S24 a revoked user's connections are closed with 4003 at once, and nobody else's", async () => {
    const { ws, gateway } = await startNode({ env: AUTH });
    const token = await tokenOf("ann");
    const [one, two, bob] = [
      await JsonClient.connect(ws, token),
      await JsonClient.connect(ws, token),
      await JsonClient.connect(ws, await tokenOf("bob")),
    ];
    gateway.services.revocations.revoke({ user: "ann" });
    expect([(await one.end()).code, (await two.end()).code]).toEqual([4003, 4003]);
    expect(await bob.ask({ ping: {} })).toMatchObject({ ping: {} });
    const again = await JsonClient.open(ws);
    expect(await again.ask({ connect: { token } })).toMatchObject({ error: { reason: "unauthenticated" } });
    expect((await again.end()).code).toBe(4001);
  });

  test("S14 a user has at most connections.perUser", async () => {
    const { ws } = await startNode({ env: { ...AUTH, CONNECTIONS_PER_USER: "1" } });
    const token = await tokenOf("ann");
    const first = await JsonClient.connect(ws, token);
    const second = await JsonClient.open(ws);
    expect(await second.ask({ connect: { token } })).toMatchObject({ error: { reason: "rate_limited" } });
    expect((await second.end()).code).toBe(CLOSES.overloaded.code);
    first.close();
    await first.end();
    expect((await JsonClient.connect(ws, token)).closed).toBeUndefined();
  });
});

describe("messages", () => {
  test("S30 S31 D1 go to clients of both subprotocols in order, live and replayed, while replies go between them", async () => {
    const { ws, port } = await startNode();
    const publisher = await JsonClient.connect(ws);
    const reader = await JsonClient.connect(ws);
    await reader.ask({ subscribe: { topic: "chat/#" } });
    const late: JsonClient[] = [];
    const sent: Promise<unknown>[] = [];
    for (let n = 1; n <= 2000; n++) {
      sent.push(publisher.ask({ publish: { topic: `chat/${n % 3}`, data: n } }));
      if (n % 100 === 0) reader.send({ ping: {} });
      if (n % 500 === 250) {
        await sent.at(-1);
        const client = await JsonClient.connect(ws);
        const { history } = await client.ask({ history: { topic: "chat/0", limit: 1 } });
        const { epoch } = history as { readonly epoch: string };
        client.send({ subscribe: { topic: "chat/+", since: { epoch, offset: 0 } } });
        late.push(client);
      }
    }
    await Promise.all(sent);
    const expected = Array.from({ length: 2000 }, (_, n) => n + 1);
    for (const client of [reader, ...late]) {
      await client.until(() => client.messages().length >= 2000);
      expect(client.messages().map(({ offset }) => offset)).toEqual(expected);
    }
    expect(port).toBeGreaterThan(0);
  });

  test("S8 a client that is cut leaves nothing behind", async () => {
    const { port, gateway } = await startNode();
    const client = await RawClient.open({ port });
    client.text(`{"id":1,"connect":{}}\n{"id":2,"subscribe":{"topic":"chat/a","presence":true}}`);
    await client.until(() => client.objects().length >= 2);
    expect(gateway.services.hub.groups).toBe(1);
    client.destroy();
    await until(() => gateway.services.sessions.size === 0);
    expect([gateway.services.hub.groups, gateway.admission.open]).toEqual([0, 0]);
  });
});

describe("compression", () => {
  const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
  const long = "x".repeat(2000);

  /** Whether the replies, the messages of the fan-out and the short frames came compressed. */
  async function frames(compression: string) {
    const { port } = await startNode({ env: { WEBSOCKET_COMPRESSION: compression } });
    const client = await RawClient.open({ port, headers: offer });
    client.text(`{"id":1,"connect":{}}\n{"id":2,"subscribe":{"topic":"chat/a"}}`);
    await client.until(() => client.frames.length >= 2);
    client.text(`{"publish":{"topic":"chat/a","text":"${long}"}}`);
    await client.until(() => client.frames.length >= 3);
    client.text(`{"id":3,"history":{"topic":"chat/a"}}`);
    await client.until(() => client.frames.length >= 4);
    return { head: client.head, compressed: client.frames.map((frame) => frame.compressed) };
  }

  test("R30 is off unless it is set", async () => {
    const { head, compressed } = await frames("false");
    expect(head).not.toMatch(/extensions/i);
    expect(compressed).toEqual([false, false, false, false]);
  });

  test("R31 set, larger frames are compressed: messages of the fan-out and what goes to one client", async () => {
    const { head, compressed } = await frames("true");
    expect(head).toMatch(/permessage-deflate/i);
    expect(compressed).toEqual([false, false, true, true]);
  });

  test("R31 a client that does not offer it gets plain frames", async () => {
    const { ws } = await startNode({ env: { WEBSOCKET_COMPRESSION: "true" } });
    const client = await JsonClient.connect(ws);
    await client.ask({ subscribe: { topic: "chat/a" } });
    await client.ask({ publish: { topic: "chat/a", text: long } });
    await client.until(() => client.messages().length === 1);
    expect(client.messages()[0]).toMatchObject({ text: long });
  });
});
