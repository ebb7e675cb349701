import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { JsonClient } from "../e2e/json-client.ts";
import { RawClient } from "../e2e/raw-client.ts";
import { Certificates, type Pair } from "./certificates.ts";
import { startNode } from "./node.ts";

let certificates: Certificates;
let server: Pair;
let client: Pair;
let stranger: Pair;

beforeAll(async () => {
  certificates = await Certificates.make();
  server = await certificates.issue("server");
  client = await certificates.issue("client");
  stranger = await certificates.issue("stranger", { selfSigned: true });
});
afterAll(async () => certificates[Symbol.asyncDispose]());

const read = (path: string): Promise<string> => Bun.file(path).text();

async function secure(more: Readonly<Record<string, string>> = {}) {
  const node = await startNode({ env: { HTTP_TLS_CERT: server.cert, HTTP_TLS_KEY: server.key, ...more } });
  return { ...node, ws: node.ws.replace("ws:", "wss:"), http: node.http.replace("http:", "https:") };
}

describe("TLS", () => {
  test("R20 WebSocket and HTTP are served over TLS 1.3, and not in the clear", async () => {
    const node = await secure();
    const tls = { ca: await read(certificates.ca) };
    const raw = await RawClient.open({ port: node.port, tls: { ...tls, minVersion: "TLSv1.3" } });
    expect(raw.status).toBe(101);
    const ws = await JsonClient.open(node.ws, { protocols: ["tidegate.v1.json"], tls });
    await ws.ask({ connect: {} });
    expect(await ws.ask({ publish: { topic: "chat/a", data: 1 } })).toMatchObject({ publish: { offset: 1 } });
    expect((await fetch(`${node.http}/health/live`, { tls })).status).toBe(200);
    expect((await RawClient.open({ port: node.port })).status).toBe(0);
  });

  test("R20 a client that does not know the authority refuses the server", async () => {
    const node = await secure();
    const outcome = await JsonClient.open(node.ws).catch(String);
    expect(outcome).toContain("no connection");
  });
});

describe("mutual TLS", () => {
  async function status(pair: Pair | undefined): Promise<number> {
    const node = await secure({ HTTP_TLS_CA: certificates.ca });
    const own = pair === undefined ? {} : { cert: await read(pair.cert), key: await read(pair.key) };
    return (await RawClient.open({ port: node.port, tls: { ca: await read(certificates.ca), ...own } })).status;
  }

  test("R21 a client with a certificate of the authority comes in", async () => {
    expect(await status(client)).toBe(101);
  });

  test("R21 one without a certificate, or with another's, does not", async () => {
    expect(await status(undefined)).toBe(0);
    expect(await status(stranger)).toBe(0);
  });
});
