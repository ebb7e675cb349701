import { afterAll, beforeAll, expect, test } from "bun:test";
import { Client } from "@tidegate/client";
import { memoryArea, Saved } from "../src/chat/saved.ts";
import { typingTopic } from "../src/state/typing.ts";
import { unreadCount } from "../src/state/unread.ts";
import { TestChat } from "./support/chats.ts";
import { ChildGateway } from "./support/gateway.ts";

let gateway: ChildGateway;
const opened: TestChat[] = [];
const clients: Client[] = [];

beforeAll(async () => {
  gateway = await ChildGateway.start({ TIDEGATE_LOG_STORAGE: "memory" });
});

afterAll(async () => {
  for (const { chat } of opened) chat.close();
  await Promise.all(clients.map((client) => client.close()));
  await gateway.remove();
});

function open(name: string, room: string, browser = memoryArea()): TestChat {
  const chat = new TestChat(gateway.url, name, room, browser);
  opened.push(chat);
  return chat;
}

const say = (room: string, text: string) => gateway.publish({ topic: `chat/${room}`, data: { text } });

function unread(chat: TestChat, room: string): number {
  const { timeline, mark } = chat.room(room);
  return unreadCount(timeline, mark, "id:ann");
}

test("U31 who comes to a room for the first time has missed nothing", async () => {
  await say("first", "long ago");
  const ann = open("ann", "elsewhere");
  ann.chat.open("first");
  ann.chat.open("elsewhere");
  await ann.until(() => ann.room("first").timeline.ready);
  expect([ann.texts("first"), unread(ann, "first")]).toEqual([["long ago"], 0]);
});

test("U31 what comes is read in the room that is looked at, and unread in others and while nobody looks", async () => {
  const browser = memoryArea();
  const ann = open("ann", "seen", browser);
  ann.chat.open("other");
  ann.chat.open("seen");
  await ann.until(() => ann.room("other").timeline.ready && ann.room("seen").timeline.ready);
  await Promise.all([say("seen", "1"), say("other", "1")]);
  await ann.until(() => ann.texts("seen").length === 1 && ann.texts("other").length === 1);
  expect([unread(ann, "seen"), unread(ann, "other")]).toEqual([0, 1]);
  ann.visible = false;
  await say("seen", "2");
  await ann.until(() => ann.texts("seen").length === 2);
  expect([unread(ann, "seen"), new Saved(browser, memoryArea()).mark("seen")?.offset]).toEqual([
    1,
    ann.room("seen").timeline.lines[0]?.message.offset,
  ]);
  ann.visible = true;
  ann.chat.seen();
  expect([unread(ann, "seen"), ann.room("seen").newAfter]).toEqual([
    0,
    ann.room("seen").timeline.lines[0]?.message.offset,
  ]);
});

test("U45 typing is published at most every 3 s, with low priority, and not when alone", async () => {
  const words: (readonly [data: unknown, priority: string])[] = [];
  const listener = new Client(`${gateway.url.replace("http", "ws")}/ws`).connect();
  clients.push(listener);
  const line = listener.subscribe(typingTopic("t"));
  const heard = Promise.withResolvers<void>();
  line.on("message", ({ data, priority }) => (data === "end" ? heard.resolve() : words.push([data, priority])));
  await line.ready;
  const ann = open("ann", "t");
  await ann.until(() => ann.room("t").people.count === 1);
  ann.chat.typed();
  const bob = open("bob", "t");
  await ann.until(() => ann.room("t").people.count === 2);
  ann.chat.typed();
  ann.now += 2999;
  ann.chat.typed();
  ann.now += 1;
  ann.chat.typed();
  await bob.until(() => bob.room("t").typing.size === 1);
  // Sent behind the words on the same connection: when it is there, they are all stored. What is stored behind them on their
  // own topic comes behind them.
  ann.chat.send("end");
  await bob.until(() => bob.texts("t").includes("end"));
  await listener.publish(typingTopic("t"), "end");
  await heard.promise;
  const word: readonly [unknown, string] = [{ name: "ann", sender: "ann" }, "low"];
  expect(words).toEqual([word, word]);
});

test("U23 what is sent is there at once and once it is stored", async () => {
  const [ann, bob] = [open("ann", "send"), open("bob", "send")];
  await bob.until(() => bob.room("send").timeline.ready);
  ann.chat.send("hello");
  expect(ann.room("send").timeline.outgoing).toMatchObject([{ status: "sending", body: { text: "hello" } }]);
  await Promise.all([ann, bob].map((each) => each.until(() => each.texts("send").length === 1)));
  await ann.until(() => ann.room("send").timeline.outgoing.length === 0);
  expect(bob.texts("send")).toEqual(["hello"]);
});

test("U12 a room that was left is not followed", async () => {
  const ann = open("ann", "left");
  await ann.until(() => ann.room("left").timeline.ready);
  ann.chat.leave("left");
  expect(ann.chat.store.value.rooms).not.toContain("left");
  await say("left", "x");
  ann.chat.open("left");
  await ann.until(() => ann.texts("left").length === 1);
});

test("U43 a new name is told to those who ask", async () => {
  const [ann, bob] = [open("ann", "name"), open("bob", "name")];
  await bob.until(() => bob.room("name").people.count === 2);
  ann.chat.rename(" Anna ");
  ann.chat.send("it is me");
  await bob.until(() => [...bob.room("name").people.members.values()].some(({ name }) => name === "Anna"));
  expect(ann.chat.store.value.me).toEqual({ id: "ann", name: "Anna" });
});
