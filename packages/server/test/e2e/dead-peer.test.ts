import { expect, test } from "bun:test";
import { startNode } from "../gateway/node.ts";
import { JsonClient } from "./json-client.ts";
import { OPCODE, RawClient } from "./raw-client.ts";
import { until } from "../support/until.ts";

const LIMIT = 8_000;

test("R10 R11 a peer that answers no ping is found within the stated time, and a quiet one that does is kept", async () => {
  const { port, ws, gateway } = await startNode({ env: { HEARTBEAT_INTERVAL: "6s", HEARTBEAT_TIMEOUT: "2s" } });
  const { sessions } = gateway.services;
  const quiet = await JsonClient.connect(ws);
  const pinging = await RawClient.open({ port });
  const dead = await RawClient.open({ port });
  dead.text(`{"id":1,"connect":{}}`);
  await dead.until(() => dead.objects().length === 1);
  const heard = performance.now();
  // A library that answers no ping frame keeps its connection by the command.
  const beat = setInterval(() => pinging.text(`{"ping":{}}`), 4_000);
  expect(sessions.size).toBe(3);
  await until(() => sessions.size < 3);
  const took = performance.now() - heard;
  clearInterval(beat);
  expect(took).toBeGreaterThan(LIMIT - 1_500);
  expect(took).toBeLessThan(LIMIT + 1_500);
  await dead.until(() => dead.ended);
  expect(dead.frames.some(({ opcode }) => opcode === OPCODE.ping)).toBe(true);
  expect([sessions.size, quiet.closed, pinging.ended]).toEqual([2, undefined, false]);
  expect(await quiet.ask({ ping: {} })).toMatchObject({ ping: {} });
}, 30_000);
