import { expect, expectTypeOf, test } from "bun:test";
import type * as protocol from "@tidegate/protocol";
import {
  Client,
  type ClientState,
  type Message,
  type Position,
  type Priority,
  type Subscription,
} from "../src/index.ts";
import { World } from "./support/world.ts";

interface Chat {
  readonly text: string;
}

test("C82 the types follow the topic's messages, the events and the states", async () => {
  const client = new World().client();
  const subscription = client.subscribe<Chat>("t", {}, (message) => expectTypeOf(message.data).toEqualTypeOf<Chat>());
  expectTypeOf(subscription).toEqualTypeOf<Subscription<Chat>>();
  expectTypeOf(client.subscribe("u")).toEqualTypeOf<Subscription<unknown>>();
  expectTypeOf(subscription[Symbol.asyncIterator]().next).returns.resolves.toEqualTypeOf<
    IteratorResult<Message<Chat>, undefined>
  >();
  expectTypeOf<Extract<ClientState, { kind: "waiting" }>>().toHaveProperty("retryAt");
  // @ts-expect-error -- only a state that waits has a time
  expectTypeOf<Extract<ClientState, { kind: "connected" }>["retryAt"]>();
  // @ts-expect-error -- there is no such event
  client.on("mesage", () => {});
  // @ts-expect-error -- priorities are words
  client.publish("t", 1, { priority: 2 }).catch(() => {});
  await client.close();
  expect(subscription.state.kind).toBe("ended");
});

test("C82 the client's own types are those of the protocol, and its global WebSocket fits", () => {
  expectTypeOf<Position>().toEqualTypeOf<protocol.Position>();
  expectTypeOf<Priority>().toEqualTypeOf<(typeof protocol.PRIORITIES)[number]>();
  expect(() => new Client("ws://host/ws", { WebSocket })).not.toThrow();
});
