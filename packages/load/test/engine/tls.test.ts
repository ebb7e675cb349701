import { afterEach, expect, test } from "bun:test";
import { selfSigned } from "./certificate.ts";
import { type FaultyServer, startFaulty } from "./faulty-server.ts";
import { roomScenario } from "./room.ts";
import { runHere } from "./run-here.ts";

const LIMIT = 30_000;
const servers: FaultyServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

function serve(): FaultyServer {
  const server = startFaulty(() => "deliver", selfSigned());
  servers.push(server);
  return server;
}

test(
  "LG40 a load goes over TLS; a certificate that nobody vouches for is taken only with insecure",
  async () => {
    const server = serve();
    const yaml = roomScenario(server.url, 200, 0.4);
    const trusting = yaml.replace(`"${server.url}" }`, `"${server.url}", insecure: true }`);
    const { totals, verdict } = await runHere(trusting);
    expect([...verdict.reasons, ...totals.examples]).toEqual([]);
    expect(totals.delivered).toBe(totals.sent * 10);
    expect(totals.delivered).toBeGreaterThan(0);
  },
  LIMIT,
);

test(
  "LG40 without insecure such a server is refused before anything is sent, and the reason is said",
  async () => {
    const server = serve();
    const stop = new AbortController();
    const running = runHere(roomScenario(server.url, 200, 0.4), 1, {
      stop: stop.signal,
      // The ramp would wait for connections that never come.
      onProgress: () => stop.abort(),
    });
    const { totals, verdict } = await running;
    expect(server.opened).toBe(0);
    expect(totals.opened).toBe(0);
    expect(verdict.reasons).toContain("no connection came to stand");
    expect(totals.errors["set-up: refused"]).toBeGreaterThan(0);
    expect(totals.examples.join("\n")).toMatch(/self[- _]signed/i);
  },
  LIMIT,
);

test(
  "LG40 short HTTP calls go over TLS, each with a connection of its own where the scenario asks for that",
  async () => {
    const sources = new Set<string>();
    let calls = 0;
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: selfSigned(),
      fetch: (request, self) => {
        calls += 1;
        sources.add(String(self.requestIP(request)?.port));
        return Response.json({});
      },
    });
    const { totals, verdict } = await runHere(`
name: calls
target: { protocol: http-publish, urls: "https://127.0.0.1:${server.port}", insecure: true }
http: { close: true }
populations:
  - { name: services, count: 3, publish: { topic: news, rate: 60 } }
phases:
  - { phase: ramp, for: 50ms }
  - { phase: hold, for: 600ms }
`);
    expect([...verdict.reasons, ...totals.examples]).toEqual([]);
    expect(totals.acked).toBe(totals.sent);
    expect(calls).toBe(totals.sent);
    expect(calls).toBeGreaterThan(20);
    // The system may give a port a second time.
    expect(sources.size).toBeGreaterThanOrEqual(calls - 3);
  },
  LIMIT,
);
