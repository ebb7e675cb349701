import { describe, expect, test } from "bun:test";
import { hostAllowed } from "../../src/transport/host.ts";
import { originAllowed } from "../../src/transport/origin.ts";
import { clientAddress } from "../../src/transport/address.ts";
import { EventReader } from "./event-reader.ts";
import { errorOf, post, startNode } from "./harness.ts";
import { ADMIN, authenticated, ROBOT, tokenOf } from "./who.ts";

const node = await startNode(authenticated());
const alice = await tokenOf("alice", { subscribe: ["chat/#"], publish: ["chat/#"] });
const history = (headers: Record<string, string>, topic = "chat/a") =>
  fetch(`${node.url}/v1/history?topic=${topic}`, { headers });

describe("tokens", () => {
  test("H50 a token comes in one of two headers", async () => {
    expect((await history({ Authorization: `Bearer ${alice}` })).status).toBe(200);
    expect((await history({ Authorization: `bearer  ${alice}` })).status).toBe(200);
    expect((await history({ "X-API-Key": ROBOT })).status).toBe(200);
  });

  test("H50 only a stream takes it as a parameter", async () => {
    const stream = await EventReader.open(`${node.url}/v1/subscribe?topic=chat/a&token=${alice}`);
    expect((await stream.next())?.event).toBe("subscribed");
    stream.leave();
    for (const path of ["history", "presence"])
      expect((await fetch(`${node.url}/v1/${path}?topic=chat/a&token=${alice}`)).status).toBe(400);
    expect((await post(`${node.url}/v1/publish?token=${alice}`, { topic: "chat/a", text: "" })).status).toBe(400);
  });

  test("H51 two tokens are one too many", async () => {
    const response = await history({ Authorization: `Bearer ${alice}`, "X-API-Key": ROBOT });
    expect([response.status, (await errorOf(response)).reason]).toEqual([400, "invalid_argument"]);
  });

  test.each([
    ["none", {}],
    ["a wrong key", { "X-API-Key": "tg_wrong" }],
    ["no JWT", { Authorization: "Bearer x" }],
    ["another scheme", { Authorization: "Basic YTpi" }],
    ["a scheme alone", { Authorization: "Bearer" }],
  ])("H52 %s is a 401", async (_, headers) => {
    const response = await history(headers as Record<string, string>);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toStartWith("Bearer ");
    expect((await errorOf(response)).reason).toBe("unauthenticated");
  });

  test("H52 an old token is told as such", async () => {
    const response = await history({ Authorization: `Bearer ${await tokenOf("alice", { expiresIn: -60_000 })}` });
    expect([response.status, (await errorOf(response)).reason]).toEqual([401, "token_expired"]);
    expect(response.headers.get("www-authenticate")).toContain("invalid_token");
  });

  test("H52 a topic without permission is a 403", async () => {
    const headers = { Authorization: `Bearer ${alice}` };
    const all = [
      await history(headers, "secret/a"),
      await fetch(`${node.url}/v1/presence?topic=secret/a`, { headers }),
      await fetch(`${node.url}/v1/subscribe?topic=secret/a`, { headers }),
      await post(`${node.url}/v1/publish`, { topic: "secret/a", text: "x" }, headers),
    ];
    expect(all.map((each) => each.status)).toEqual([403, 403, 403, 403]);
    for (const each of all) expect((await errorOf(each)).reason).toBe("forbidden");
  });
});

describe("origins", () => {
  test.each([
    ["https://app.example", "gateway.example", false],
    ["https://gateway.example", "gateway.example", true],
    ["http://gateway.example:8080", "gateway.example:8080", true],
    ["http://gateway.example:8080", "gateway.example:9090", false],
    ["http://localhost:3000", "127.0.0.1:8080", true],
    ["http://localhost:3000", "gateway.example", false],
    ["null", "gateway.example", false],
    ["", "gateway.example", false],
    ["https://listed.example", "gateway.example", true],
    ["https://listed.example.evil", "gateway.example", false],
  ])("H60 %p at %p", (origin, host, allowed) => {
    expect(originAllowed(origin, host, ["https://listed.example"])).toBe(allowed);
    expect(originAllowed(origin, host, ["*"])).toBe(true);
  });

  test("H60 a page of another origin is refused on every path", async () => {
    const headers = { Origin: "https://evil.example" };
    for (const path of ["/v1/history?topic=a", "/v1/subscribe?topic=a", "/health/live", "/v1/nope"]) {
      const response = await fetch(node.url + path, { headers });
      expect([path, response.status]).toEqual([path, 403]);
      expect(response.headers.has("access-control-allow-origin")).toBe(false);
    }
    expect((await fetch(`${node.url}/v1/publish`, { method: "OPTIONS", headers })).status).toBe(403);
  });

  test.each([
    ["127.0.0.1:8080", true],
    ["localhost", true],
    ["[::1]:8080", true],
    ["rebound.example:8080", false],
    ["listed.example", true],
    ["127.0.0.1.evil.example", false],
    ["a b", false],
  ])("H62 a server without authentication at %p", (host, allowed) => {
    expect(hostAllowed(host, ["https://listed.example"])).toBe(allowed);
    expect(hostAllowed(host, ["*"])).toBe(true);
  });

  test("H62 the host is looked at only without authentication", async () => {
    const open = await startNode();
    const closed = await startNode({ env: { AUTH_JWT_SECRET: "0123456789abcdef0123456789abcdef" } });
    const live = async ({ gateway }: typeof open) =>
      (await fetch(`${gateway.url}health/live`, { headers: { Host: "rebound.example" } })).status;
    expect([await live(open), await live(closed)]).toEqual([403, 200]);
  });

  test("H61 an allowed page may read answers and errors", async () => {
    const open = await startNode({ env: { HTTP_ALLOWED_ORIGINS: "https://app.example" } });
    const headers = { Origin: "https://app.example" };
    for (const query of ["topic=a", "topc=a"]) {
      const response = await fetch(`${open.url}/v1/history?${query}`, { headers });
      expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
      expect(response.headers.get("vary")).toBe("Origin");
    }
  });

  test("H61 a preflight is told what it may send", async () => {
    const headers = { Origin: "http://localhost:5173", "Access-Control-Request-Method": "POST" };
    const response = await fetch(`${node.url}/v1/publish`, { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toBe("POST, OPTIONS");
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization, content-type");
    expect(response.headers.get("access-control-max-age")).toBe("600");
  });

  test("H65 the address is the socket's, or what the trusted proxy wrote", () => {
    const request = new Request("http://a", { headers: { "X-Forwarded-For": "6.6.6.6, 10.0.0.7" } });
    const server = { requestIP: () => ({ address: "127.0.0.1", port: 1, family: "IPv4" }) as const };
    expect(clientAddress(request, server, false)).toBe("127.0.0.1");
    expect(clientAddress(request, server, true)).toBe("10.0.0.7");
    expect(clientAddress(new Request("http://a"), server, true)).toBe("127.0.0.1");
    const long = new Request("http://a", { headers: { "X-Forwarded-For": "1".repeat(65) } });
    expect(clientAddress(long, server, true)).toBe("127.0.0.1");
  });
});

describe("revoke", () => {
  const admin = { "X-API-Key": ADMIN };
  const revoke = (body: unknown, headers: Record<string, string> = admin) =>
    post(`${node.url}/v1/revoke`, body, headers);

  test("H80 a user's tokens are refused and live connections closed", async () => {
    const token = await tokenOf("mallory");
    const stream = await EventReader.open(`${node.url}/v1/subscribe?topic=chat/a&token=${token}`);
    expect((await stream.next())?.event).toBe("subscribed");
    const response = await revoke({ user: "mallory" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ revoked: { user: "mallory" } });
    expect(await stream.next()).toMatchObject({ event: "close", data: expect.stringContaining('"code":4003') });
    expect(await stream.next()).toBeUndefined();
    expect((await history({ Authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await history({ Authorization: `Bearer ${alice}` })).status).toBe(200);
  });

  test("H80 one token, or a key", async () => {
    const token = await tokenOf("bob", { tokenId: "t1" });
    const other = await tokenOf("bob", { tokenId: "t2" });
    expect((await revoke({ tokenId: "t1" })).status).toBe(200);
    expect((await history({ Authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await history({ Authorization: `Bearer ${other}` })).status).toBe(200);
    expect((await revoke({ key: "robot" })).status).toBe(200);
    expect((await history({ "X-API-Key": ROBOT })).status).toBe(401);
  });

  test("H80 only an admin key may", async () => {
    expect((await revoke({ user: "alice" }, { Authorization: `Bearer ${alice}` })).status).toBe(403);
    expect((await revoke({ user: "alice" }, {})).status).toBe(401);
  });

  test.each([
    [{}, "exactly one of"],
    [{ user: "a", tokenId: "b" }, "exactly one of"],
    [{ usr: "a" }, 'did you mean "user"?'],
    [{ user: 7 }, "revoke.user: it must be text"],
    [{ user: "" }, "revoke.user: it must be text"],
    [[], "it must be an object"],
    [null, "it must be an object"],
  ])("H80 %j is refused", async (body, message) => {
    const response = await revoke(body);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain(message);
  });
});
