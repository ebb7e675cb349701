import { describe, expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import { JsonClient, type Json } from "./json-client.ts";
import { RawClient } from "./raw-client.ts";
import { ServerProcess } from "./server-process.ts";

const isReconnect = (push: Json): boolean => push["reconnect"] !== undefined;

async function ready(server: ServerProcess): Promise<number> {
  return (await fetch(`${server.http}/health/ready`)).status;
}

describe("SIGTERM", () => {
  test("R40 R41 R42 readiness says no, clients are asked to go and then closed, nobody new comes in, and it ends with 0", async () => {
    await using server = await ServerProcess.start({ DRAIN_DEADLINE: "60s", DRAIN_SPREAD: "1s" });
    const client = await JsonClient.connect(server.ws);
    const early = await JsonClient.open(server.ws);
    const stream = await fetch(`${server.http}/v1/subscribe?topic=chat/a`);
    expect(await ready(server)).toBe(200);
    server.kill("SIGTERM");
    await client.until(() => client.pushes.some(isReconnect));
    expect(client.pushes.find(isReconnect)).toEqual({ reconnect: { delay: 0, spread: 1000 } });
    expect(await ready(server)).toBe(503);
    const refused = await RawClient.open({ port: server.port });
    expect([refused.status, /retry-after/i.test(refused.head)]).toEqual([503, true]);
    expect((await fetch(`${server.http}/v1/subscribe?topic=chat/a`)).status).toBe(503);
    expect(await early.ask({ connect: {} })).toMatchObject({ error: { reason: "draining" } });
    expect((await early.end()).code).toBe(CLOSES.draining.code);
    expect(await client.ask({ publish: { topic: "chat/a", data: 1 } })).toMatchObject({ publish: { offset: 1 } });
    expect((await client.end()).code).toBe(CLOSES.draining.code);
    const events = await stream.text();
    expect(events).toContain("event: reconnect");
    expect(events).toContain(`event: close\ndata: {"code":${CLOSES.draining.code}`);
    expect(await server.ended()).toBe(0);
  }, 20_000);

  test("R44 publishes under way are answered before their connection is closed, and are there afterwards", async () => {
    await using server = await ServerProcess.start({ DRAIN_DEADLINE: "8s", DRAIN_SPREAD: "300ms" });
    const clients = await Promise.all(Array.from({ length: 5 }, () => JsonClient.connect(server.ws)));
    const results: Json[] = [];
    let asked = 0;
    const publish = async (client: JsonClient): Promise<void> => {
      while (client.closed === undefined) {
        asked += 1;
        const result = await Promise.race([client.ask({ publish: { topic: "chat/a", data: 1 } }), client.end()]);
        if ("code" in result) return void (asked -= 1);
        results.push(result);
        if (result["error"] !== undefined) return;
      }
    };
    const loops = clients.map(publish);
    server.kill("SIGTERM");
    await Promise.all(loops);
    // Each loop ended with a refusal, so no publish was left without an answer.
    expect(results.length).toBe(asked);
    const reasons = results.flatMap(({ error }) => (error === undefined ? [] : [(error as { reason: string }).reason]));
    expect(reasons).toEqual(clients.map(() => "draining"));
    expect(await server.ended()).toBe(0);
    await server.start();
    const again = await JsonClient.connect(server.ws);
    const { history } = await again.ask({ history: { topic: "chat/a", limit: 1 } });
    const stored = (history as { messages: { offset: number }[] }).messages[0]?.offset;
    expect(stored).toBe(results.length - clients.length);
  }, 20_000);

  test("R45 a second signal ends it at once with 1", async () => {
    await using server = await ServerProcess.start({ DRAIN_DEADLINE: "60s", DRAIN_SPREAD: "60s" });
    const client = await JsonClient.connect(server.ws);
    server.kill("SIGTERM");
    // Twice at once, as a process group gets it: that is one.
    server.kill("SIGTERM");
    await client.until(() => client.pushes.some(isReconnect));
    expect(await client.ask({ ping: {} })).toHaveProperty("ping");
    server.kill("SIGINT");
    expect(await server.ended()).toBe(1);
  }, 20_000);

  test("R43 R42 a thousand clients that ignore the push are closed at the rate", async () => {
    await using server = await ServerProcess.start({ DRAIN_DEADLINE: "60s", DRAIN_SPREAD: "0", DRAIN_RATE: "500" });
    const clients = await Promise.all(Array.from({ length: 1000 }, () => JsonClient.connect(server.ws)));
    const began = performance.now();
    server.kill("SIGTERM");
    const times = await Promise.all(clients.map(async (client) => (await client.end(), performance.now() - began)));
    expect(clients.every(({ closed }) => closed?.code === CLOSES.draining.code)).toBe(true);
    expect(await server.ended()).toBe(0);
    times.sort((a, b) => a - b);
    // 1000 closes at 500 a second take 2 s, and the first half of them 1 s; a busy machine may take longer.
    expect((times[999] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_700);
    expect((times[500] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(700);
  }, 30_000);
});
