import { describe, expect, test } from "bun:test";
import { CODECS } from "@tidegate/protocol";
import { JsonClient } from "../e2e/json-client.ts";
import { OPCODE, RawClient } from "../e2e/raw-client.ts";
import { startNode } from "./node.ts";
import { until } from "../support/until.ts";

const PROTO = CODECS["tidegate.v1.proto"];
const protocols = (names: string) => ({ "Sec-WebSocket-Protocol": names });
const chosen = (client: RawClient): string | undefined =>
  /sec-websocket-protocol: (.*)/i.exec(client.head)?.[1]?.trim();

async function open(headers: Readonly<Record<string, string>> = {}): Promise<RawClient> {
  const { port } = await startNode();
  return RawClient.open({ port, headers });
}

describe("subprotocols", () => {
  test("R1 the first of the client's that the server knows is taken", async () => {
    expect(chosen(await open(protocols("tidegate.v1.json")))).toBe("tidegate.v1.json");
    expect(chosen(await open(protocols("soap, tidegate.v1.proto, tidegate.v1.json")))).toBe("tidegate.v1.proto");
  });

  test("R1 without one it is JSON, and none is named in the answer", async () => {
    const client = await open();
    expect([client.status, chosen(client)]).toEqual([101, undefined]);
    client.text(`{"id":1,"ping":{}}`);
    await client.until(() => client.frames.length > 0);
    expect(client.objects()).toEqual([{ id: 1, ping: {} }]);
  });

  test("R1 unknown ones are refused with 400 and the list of those that are known", async () => {
    const client = await open(protocols("soap, mqtt9"));
    expect(client.status).toBe(400);
    await client.until(() => client.body.includes("}}"));
    expect(client.body).toContain("tidegate.v1.json, tidegate.v1.proto");
    expect(client.body).toContain('"temporary":false');
  });

  test("R1 Protobuf is answered in Protobuf", async () => {
    const client = await open(protocols("tidegate.v1.proto"));
    client.send(OPCODE.binary, Buffer.from(PROTO.encodeCommand({ kind: "ping", id: 7 })));
    await client.until(() => client.frames.length > 0);
    expect(client.frames[0]?.opcode).toBe(OPCODE.binary);
    expect(PROTO.decodeServer(client.frames[0]?.payload ?? "")).toEqual([
      { kind: "reply", id: 7, reply: { kind: "ping" } },
    ]);
  });

  test("R2 what is not a WebSocket handshake is refused with 426 or 400", async () => {
    const { http } = await startNode();
    const answer = await fetch(`${http}/ws`);
    expect([answer.status, answer.headers.get("upgrade")]).toEqual([426, "websocket"]);
    expect((await open({ "Sec-WebSocket-Key": "" })).status).toBe(400);
  });
});

describe("origins", () => {
  test.each([
    ["of this server", "http://127.0.0.1", 101],
    ["of this machine", "http://localhost:3000", 101],
    ["of another site", "https://evil.example", 403],
    ["that is none", "null", 403],
  ])("R3 a page %s", async (_, origin, status) => {
    expect((await open({ Origin: origin })).status).toBe(status);
  });

  test("R3 a listed one may come in, and others are told where the list is", async () => {
    const { port } = await startNode({ env: { HTTP_ALLOWED_ORIGINS: "https://app.example" } });
    expect((await RawClient.open({ port, headers: { Origin: "https://app.example" } })).status).toBe(101);
    const refused = await RawClient.open({ port, headers: { Origin: "https://app.example.evil.example" } });
    await refused.until(() => refused.body.includes("}}"));
    expect(refused.body).toContain("http.allowedOrigins");
  });
});

describe("frames", () => {
  test("R4 one larger than websocket.maxFrame closes with 1009, one of that size does not", async () => {
    const { ws } = await startNode({ env: { WEBSOCKET_MAX_FRAME: "1KB" } });
    const client = await JsonClient.open(ws);
    const ping = `{"id":1,"ping":{}}`;
    client.raw(ping.padEnd(1024));
    expect(await client.ask({ ping: {} })).toMatchObject({ ping: {} });
    client.raw(ping.padEnd(1025));
    expect((await client.end()).code).toBe(1009);
  });

  test("S7 W3 a binary frame on JSON closes with 4000, and so does text on Protobuf", async () => {
    const { ws } = await startNode();
    const client = await JsonClient.open(ws);
    client.raw(new Uint8Array([1, 2, 3]));
    expect((await client.end()).code).toBe(4000);
    const raw = await open(protocols("tidegate.v1.proto"));
    raw.text("{}");
    await raw.until(() => raw.closeCode !== undefined);
    expect(raw.closeCode).toBe(4000);
  });
});

describe("the door", () => {
  /** Opens connections one after another; gives their status, and the Retry-After of the last one. */
  async function knock(env: Readonly<Record<string, string>>, times: number) {
    const node = await startNode({ env });
    const clients: RawClient[] = [];
    for (let n = 0; n < times; n++) clients.push(await RawClient.open({ port: node.port }));
    const retry = /retry-after: (\d+)/i.exec(clients.at(-1)?.head ?? "")?.[1];
    return { node, clients, statuses: clients.map(({ status }) => status), retry };
  }

  test("R5 a node has at most connections.max; one that leaves makes room", async () => {
    const { node, clients, statuses, retry } = await knock({ CONNECTIONS_MAX: "2" }, 3);
    expect([statuses, retry]).toEqual([[101, 101, 503], "1"]);
    clients[0]?.destroy();
    await until(() => node.gateway.admission.open === 1);
    expect((await RawClient.open({ port: node.port })).status).toBe(101);
    expect(node.gateway.admission.refused).toBe(1);
  });

  test("R6 an address has at most connections.perAddress; behind a trusted proxy each client is told apart", async () => {
    const limit = { CONNECTIONS_PER_ADDRESS: "1" };
    const { statuses, retry } = await knock(limit, 2);
    expect([statuses, retry]).toEqual([[101, 429], "1"]);
    const { port } = await startNode({ env: { ...limit, HTTP_TRUST_PROXY: "true" } });
    const from = (address: string) => RawClient.open({ port, headers: { "X-Forwarded-For": `1.1.1.1, ${address}` } });
    expect([(await from("10.0.0.1")).status, (await from("10.0.0.2")).status, (await from("10.0.0.1")).status]).toEqual(
      [101, 101, 429],
    );
  });

  test("R7 a storm of new connections is slowed down to the rate", async () => {
    const { statuses, retry } = await knock({ CONNECTIONS_ACCEPT_RATE: "1", CONNECTIONS_ACCEPT_BURST: "3" }, 4);
    expect([statuses, retry]).toEqual([[101, 101, 101, 429], "1"]);
  });

  test("R7 a rate of 0 is no limit", async () => {
    const { statuses } = await knock({ CONNECTIONS_ACCEPT_RATE: "0", CONNECTIONS_ACCEPT_BURST: "1" }, 4);
    expect(statuses).toEqual([101, 101, 101, 101]);
  });
});
