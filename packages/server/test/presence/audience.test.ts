import { expect, test } from "bun:test";
import type { Push } from "@tidegate/protocol";
import type { Connection, Encoder, Frame } from "../../src/delivery/connection.ts";
import type { Subscriber } from "../../src/delivery/subscription.ts";
import { Audience } from "../../src/presence/audience.ts";
import type { Presence, PresenceChange, PresenceWatcher } from "../../src/presence/presence.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { fakeConnection } from "../support/fake-connection.ts";

const TOPIC = "chat/room";

/** A kind of receiver that counts what it is asked to encode. */
class CountingEncoder implements Encoder {
  readonly group = undefined;
  encoded = 0;

  message(): Frame {
    throw new Error("presence sends no messages");
  }

  push(push: Push): Frame {
    this.encoded++;
    return JSON.stringify(push);
  }

  join(frames: readonly Frame[]): Frame {
    return frames.join("\n");
  }
}

/** A client that keeps the pushes it was sent. */
class Client implements Subscriber {
  readonly encoder: Encoder;
  readonly frames: Frame[] = [];
  buffered = 0;
  onSend: () => void = () => undefined;

  constructor(encoder: Encoder) {
    this.encoder = encoder;
  }

  readonly connection: Connection = {
    ...fakeConnection((frame) => {
      this.frames.push(frame);
      this.onSend();
    }),
    getBufferedAmount: () => this.buffered,
  };

  async whenWritable(): Promise<void> {}

  /** `+ann` for a join, `-ann` for a leave, with the count after each. */
  get heard(): string[] {
    const lines = this.frames.flatMap((frame) => String(frame).split("\n"));
    return lines.map((line) => {
      const push = JSON.parse(line) as Extract<Push, { kind: "join" | "leave" }>;
      const users = push.members.map((member) => member.user).join(",");
      return `${push.kind === "join" ? "+" : "-"}${users} ${push.count}`;
    });
  }
}

function make(slice?: number) {
  const clock = new FakeClock();
  const watchers: PresenceWatcher[] = [];
  const presence: Presence = {
    enter: () => undefined,
    exit: () => undefined,
    query: async () => ({ count: 0, members: [] }),
    watch: (watcher) => {
      watchers.push(watcher);
      return () => void watchers.pop();
    },
    close: async () => undefined,
  };
  const options = { clock, maxBuffered: 1000, maxMembers: () => 3 };
  const audience = new Audience(presence, slice === undefined ? options : { ...options, slice });
  const encoder = new CountingEncoder();
  function join(count: number, topic = TOPIC, kind: Encoder = encoder): Client[] {
    const clients = Array.from({ length: count }, () => new Client(kind));
    for (const client of clients) audience.add(topic, client);
    return clients;
  }
  return {
    clock,
    audience,
    encoder,
    join,
    watchers,
    tell: (change: PresenceChange) => watchers[0]!.changed(TOPIC, change),
  };
}

function change(joined: readonly string[], left: readonly string[], count: number): PresenceChange {
  const members = (users: readonly string[]) => users.map((user) => ({ user, info: undefined }));
  return { joined: members(joined), left: members(left), count };
}

test("P20 each subscriber of the topic is sent the push, encoded once for each kind of receiver", () => {
  const { audience, encoder, join, tell } = make();
  const other = new CountingEncoder();
  const clients = [...join(3), ...join(2, TOPIC, other)];
  const [stranger] = join(1, "chat/other");
  tell(change(["ann"], [], 6));
  for (const client of clients) expect(client.heard).toEqual(["+ann 6"]);
  expect(stranger?.heard).toEqual([]);
  expect([encoder.encoded, other.encoded]).toEqual([1, 1]);
  expect(audience.counters).toEqual({ sends: 5, skipped: 0 });
});

test("P21 leaves come before joins, in one frame, and both carry the count after the whole change", () => {
  const { join, tell } = make();
  const [client] = join(1);
  tell(change(["ann"], ["bob"], 7));
  expect(client?.heard).toEqual(["-bob 7", "+ann 7"]);
  expect(client?.frames.length).toBe(1);
});

test("P21 a change without any name is a join that carries the count", () => {
  const { join, tell } = make();
  const [client] = join(1);
  tell(change([], [], 7));
  expect(client?.heard).toEqual(["+ 7"]);
});

test("P22 a turn sends to one slice of the subscribers, and each gets the pushes in order", () => {
  const { audience, clock, join, tell } = make(10);
  const clients = join(25);
  tell(change(["ann"], [], 1));
  expect(audience.counters.sends).toBe(10);
  clock.turn();
  expect(audience.counters.sends).toBe(20);
  tell(change(["bob"], [], 2));
  clock.turn();
  expect(audience.counters.sends).toBe(30);
  clock.settle();
  for (const client of clients) expect(client.heard).toEqual(["+ann 1", "+bob 2"]);
});

test("P22 the slice is one for all topics", () => {
  const { audience, clock, join, watchers } = make(10);
  for (let i = 0; i < 5; i++) {
    join(8, `chat/${i}`);
    watchers[0]?.changed(`chat/${i}`, change(["ann"], [], 1));
  }
  for (const sends of [10, 20, 30, 40, 40]) {
    expect(audience.counters.sends).toBe(sends);
    clock.turn();
  }
  expect(clock.turnTasks).toBe(0);
});

test("P23 changes that come while others are being told become one, in which the later word on a user holds", () => {
  const { clock, join, tell } = make(10);
  const clients = join(25);
  tell(change(["ann"], [], 1));
  tell(change(["bob", "cid"], [], 3));
  tell(change(["dan"], ["bob"], 3));
  tell(change(["bob"], ["ann", "cid"], 2));
  clock.settle();
  for (const client of clients) expect(client.heard).toEqual(["+ann 1", "-ann,cid 2", "+dan,bob 2"]);
});

test("P23 a change that was made of several names at most maxMembers", () => {
  const { clock, join, tell } = make(1);
  const clients = join(2);
  for (let i = 1; i <= 9; i++) tell(change([`user${i}`], [], i));
  clock.settle();
  expect(clients[1]?.heard).toEqual(["+user1 1", "+user2,user3,user4 9"]);
});

test("P24 who has not taken what was sent before is passed over, and hears the whole count with the next", () => {
  const { audience, clock, join, tell } = make();
  const [slow, fast] = join(2);
  slow!.buffered = 1001;
  tell(change(["ann"], [], 1));
  clock.settle();
  slow!.buffered = 1000;
  tell(change(["bob"], [], 2));
  expect(slow?.heard).toEqual(["+bob 2"]);
  expect(fast?.heard).toEqual(["+ann 1", "+bob 2"]);
  expect(audience.counters).toEqual({ sends: 3, skipped: 1 });
});

test("P25 who was removed is sent nothing more, even of a change that is under way", () => {
  const { audience, clock, join, tell } = make(10);
  const clients = join(25);
  tell(change(["ann"], [], 1));
  audience.remove(TOPIC, clients[24]!);
  audience.remove(TOPIC, clients[24]!);
  clock.settle();
  expect(clients.map((client) => client.heard.length)).toEqual([...Array<number>(24).fill(1), 0]);
  for (const client of clients) audience.remove(TOPIC, client);
  expect(audience.size).toBe(0);
  tell(change(["bob"], [], 1));
  clock.settle();
  expect(audience.counters.sends).toBe(24);
});

test("P25 a connection that ends while it is sent to does not disturb the others", () => {
  const { audience, clock, join, tell } = make(10);
  const clients = join(25);
  clients[5]!.onSend = () => audience.remove(TOPIC, clients[5]!);
  clients[6]!.onSend = () => audience.remove(TOPIC, clients[7]!);
  tell(change(["ann"], [], 1));
  tell(change(["bob"], [], 2));
  clock.settle();
  expect(clients.filter((client) => client.heard.length === 2).length).toBe(23);
});

test("P25 a closed audience sends nothing more", () => {
  const { audience, clock, join, tell, watchers } = make(10);
  join(25);
  tell(change(["ann"], [], 1));
  audience.close();
  clock.settle();
  expect(audience.counters.sends).toBe(10);
  expect(watchers.length).toBe(0);
});
