import { afterAll } from "bun:test";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { type GatewaySettings, startGateway } from "../support/gateway.ts";

export interface TestNode {
  readonly gateway: Gateway;
  readonly port: number;
  readonly ws: string;
  readonly http: string;
}

const running: Gateway[] = [];
afterAll(async () => {
  await Promise.all(running.map((gateway) => gateway.stop()));
});

/** A whole gateway on a port of its own, in memory, on the real clock. It is stopped when the tests of the file are over. */
export async function startNode(settings: GatewaySettings = {}): Promise<TestNode> {
  const gateway = await startGateway(settings);
  running.push(gateway);
  const port = Number(new URL(gateway.url).port);
  return { gateway, port, ws: `ws://127.0.0.1:${port}/ws`, http: `http://127.0.0.1:${port}` };
}
