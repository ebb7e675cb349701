import { expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import type { MemoryPresence } from "../../src/adapters/memory/presence.ts";
import { receive } from "../../src/session/receive.ts";
import { Stage } from "./stage.ts";

test("S5 the commands of a frame are carried out in their order, and a wrong one stops no other", async () => {
  const stage = new Stage();
  const client = await stage.connected();
  client.do(
    { subscribe: { topic: "chat/a" } },
    { nonsense: {} },
    { unsubscribe: { topic: "chat/b" } },
    { unsubscribe: { topic: "chat/a" } },
    { subscribe: { topic: "chat/a" } },
  );
  expect(client.take()).toEqual([
    "2 subscribe",
    "3 error unknown_command",
    "4 error not_subscribed",
    "5 unsubscribe",
    "6 subscribe",
  ]);
  expect(stage.services.counters.commands).toBe(6);
});

test("S6 a command without an id is answered only if it fails", async () => {
  const stage = new Stage();
  const client = await stage.connected();
  client.raw(`{"subscribe":{"topic":"chat/a"}}\n{"ping":{}}\n{"publish":{"topic":"chat/a","data":1}}`);
  client.raw(`{"unsubscribe":{"topic":"chat/b"}}\n{"publish":{"topic":"a/#","data":1}}`);
  await stage.settle();
  expect(client.take()).toEqual(["- error not_subscribed", "- error invalid_argument", "message 1"]);
});

test("S6 the refusal of a publish without an id has no id", async () => {
  const stage = new Stage();
  const client = await stage.connected();
  stage.log.failAppends();
  client.raw(`{"publish":{"topic":"chat/a","data":1}}`);
  await stage.settle();
  expect(client.take()).toEqual(["- error unavailable"]);
});

test("S7 a frame that is not of the protocol ends the connection", async () => {
  for (const frame of ["", "nonsense", "[]", new Uint8Array([1, 2])]) {
    const stage = new Stage();
    const client = await stage.connected();
    receive(client.session, frame);
    client.do({ subscribe: { topic: "chat/a" } });
    expect(client.take()).toEqual(["- error malformed"]);
    expect(client.wire.closed?.code).toBe(CLOSES.malformed.code);
    expect(stage.hub.groups).toBe(0);
  }
});

test("S9 a fault of the server is answered with internal, and the connection lives", async () => {
  const stage = new Stage();
  const client = await stage.connected();
  const { presence } = stage.services;
  (presence as MemoryPresence).enter = () => {
    throw new Error("a bug");
  };
  client.do({ subscribe: { topic: "chat/a", presence: true } }, { ping: {} });
  expect(client.take()).toEqual(["2 error internal", "3 ping"]);
  expect(client.reply("error").error.message).not.toContain("bug");
});
