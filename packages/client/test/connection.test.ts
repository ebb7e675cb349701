import { describe, expect, test } from "bun:test";
import { CLOSES, ERRORS } from "@tidegate/protocol";
import { closeAction, errorAction } from "../src/codes.ts";
import { pageWakes } from "../src/environment.ts";
import { type ClientState, Client, type TidegateError } from "../src/index.ts";
import { failure, World } from "./support/world.ts";
import { settle } from "./support/clock.ts";

describe("states", () => {
  test("C1 a client goes from idle over connecting to connected and closed, and tells each state", async () => {
    const world = new World();
    const client = world.client({ clientName: "app/1" });
    const states: ClientState[] = [];
    client.on("state", (state) => states.push(state));
    expect(client.state).toEqual({ kind: "idle" });
    client.connect().connect();
    await world.accept({ user: "ann" });
    expect(world.socket.protocols).toEqual(["tidegate.v1.json"]);
    expect(world.socket.all("connect")[0]?.body).toEqual({ client: "app/1" });
    await client.close();
    expect(states).toEqual([
      { kind: "connecting", endpoint: "ws://one/ws", attempt: 1 },
      { kind: "connected", endpoint: "ws://one/ws", session: "s", user: "ann" },
      { kind: "closed", reason: "closed", message: "close was called", code: undefined },
    ]);
    expect(world.sockets.length).toBe(1);
  });

  test("C5 connecting, with the token before it, is given up after its time", async () => {
    const world = new World();
    const client = world.client({ token: () => new Promise<string>(() => {}), timeouts: { connect: 3000 } }).connect();
    await world.clock.advance(2999);
    expect(client.state.kind).toBe("connecting");
    await world.clock.advance(1);
    expect(client.state).toMatchObject({ kind: "waiting", reason: "timeout", message: "not connected within 3000 ms" });
    expect(world.sockets.length).toBe(0);
  });

  test("C5 a WebSocket that throws or never opens is a failed attempt", async () => {
    const world = new World();
    const Broken = class {
      constructor() {
        throw new Error("blocked by the page's policy");
      }
    };
    const broken = world.client({ WebSocket: Broken as never }).connect();
    await settle();
    expect(broken.state).toMatchObject({ kind: "waiting", message: "blocked by the page's policy" });
    const silent = world.client().connect();
    await world.clock.advance(10_000);
    expect(world.sockets[0]?.closedWith).toBe(1000);
    expect(silent.state.kind).toBe("waiting");
  });
});

describe("the server's word", () => {
  test("C6 reconnect moves after the delay and a random part of the spread; until then the connection is used", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const moves: number[] = [];
    client.on("reconnect", ({ ms }) => moves.push(ms));
    await socket.push({ reconnect: { delay: 1000, spread: 4000 } });
    await world.clock.advance(2999);
    void client.publish("t", 1);
    await settle();
    await socket.reply("publish", { epoch: "e", offset: 1, duplicate: false });
    expect(socket.closedWith).toBeUndefined();
    await world.clock.advance(1);
    expect(moves).toEqual([3000]);
    expect(socket.closedWith).toBe(1000);
    expect(world.sockets.length).toBe(2);
    expect(client.state).toMatchObject({ kind: "connecting", attempt: 1 });
    await world.accept();
    expect(client.state.kind).toBe("connected");
  });

  test("C6 a connection that ends before its move is followed as after any loss", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    await socket.push({ reconnect: { delay: 60_000, spread: 0 } });
    await socket.drop(4500);
    await world.clock.advance(100);
    await world.accept({ ping: 0 });
    await world.clock.advance(61_000);
    expect(client.state.kind).toBe("connected");
    expect(world.sockets.length).toBe(2);
  });

  test("C7 C8 the rules on codes say the same as the protocol's table", () => {
    for (const { code, action } of Object.values(CLOSES)) expect([code, closeAction(code)]).toEqual([code, action]);
    const want = { fix: "stop", retry: "reconnect", "new-token": "new-token" } as const;
    for (const error of Object.values(ERRORS))
      expect([error.code, errorAction(error)]).toEqual([error.code, want[error.action]]);
  });

  test.each([
    [1000, "closed"],
    [4003, "closed"],
    [4499, "closed"],
    [1001, "waiting"],
    [1006, "waiting"],
    [4500, "waiting"],
    [4999, "waiting"],
  ])("C7 after close code %d the client is %s", async (code, kind) => {
    const world = new World();
    const { client, socket } = await world.connected();
    await socket.drop(code, "the reason");
    expect(client.state).toMatchObject({ kind, message: "the reason" });
  });

  test.each([
    [2001, "overloaded", "waiting"],
    [1006, "forbidden", "closed"],
    [1004, "unauthenticated", "closed"],
  ])("C8 after connect is refused with %d (%s) the client is %s", async (code, reason, kind) => {
    const world = new World();
    const client = world.client({ token: "fixed" }).connect();
    await settle();
    await world.socket.accept();
    await world.socket.refuse("connect", code, reason);
    expect(client.state).toMatchObject({ kind, reason });
    expect(world.socket.closedWith).toBe(1000);
  });

  test("C9 a source of tokens is asked again after a refusal, three times in a row at most", async () => {
    const world = new World();
    let asked = 0;
    const client = world.client({ token: () => `t${++asked}` }).connect();
    for (let i = 1; i <= 3; i++) {
      await world.clock.advance(1000);
      await world.socket.accept();
      expect(world.socket.open("connect").body["token"]).toBe(`t${i}`);
      await world.socket.refuse("connect", 1005, "token_expired");
    }
    expect(client.state).toMatchObject({ kind: "closed", reason: "token_expired", code: 1005 });
  });

  test("C9 the end of a token on a live connection brings the next one at once", async () => {
    const world = new World();
    let asked = 0;
    const { client, socket } = await world.connected({ token: async () => `t${++asked}` });
    for (let i = 0; i < 5; i++) {
      await world.socket.drop(4002);
      await world.clock.advance(6400);
      await world.accept();
    }
    expect(client.state.kind).toBe("connected");
    expect(socket).not.toBe(world.socket);
    expect(asked).toBe(6);
  });
});

describe("tokens", () => {
  test("C10 a source that fails is reported and asked again after the wait", async () => {
    const world = new World();
    const answers = [() => Promise.reject(new Error("no network")), () => Promise.resolve("good")];
    const client = world.client({ token: () => (answers.shift() as () => Promise<string>)() });
    const errors: TidegateError[] = [];
    client.on("error", (error) => errors.push(error));
    client.connect();
    await settle();
    expect(client.state).toMatchObject({ kind: "waiting", reason: "token_failed" });
    await world.clock.advance(100);
    await world.accept();
    expect(client.state.kind).toBe("connected");
    expect(errors.map((error) => error.message)).toEqual(["the token could not be had: no network"]);
  });

  test("C11 a new token goes over the live connection when four fifths of the time are over", async () => {
    const world = new World();
    let asked = 0;
    const start = world.clock.now();
    const { client, socket } = await world.connected(
      { token: () => `t${++asked}` },
      { expires: start + 100_000, ping: 0 },
    );
    await world.clock.advance(79_999);
    expect(socket.all("refresh").length).toBe(0);
    await world.clock.advance(1);
    expect(socket.open("refresh").body).toEqual({ token: "t2" });
    await socket.reply("refresh", { expires: start + 180_000 });
    await world.clock.advance(80_000);
    expect(socket.open("refresh").body).toEqual({ token: "t3" });
    expect(client.state.kind).toBe("connected");
  });

  test("C11 a token that cannot be had for the refresh is asked for again while time is left", async () => {
    const world = new World();
    let asked = 0;
    const token = (): string => {
      if (++asked === 2) throw new Error("down");
      return `t${asked}`;
    };
    const { socket } = await world.connected({ token }, { expires: world.clock.now() + 100_000, ping: 0 });
    await world.clock.advance(80_000);
    expect(world.reported.length).toBe(1);
    await world.clock.advance(16_000);
    expect(socket.open("refresh").body).toEqual({ token: "t3" });
  });

  test("C11 a connection that is lost while its new token is under way is no error", async () => {
    const world = new World();
    const { client, socket } = await world.connected(
      { token: () => "t" },
      { expires: world.clock.now() + 10_000, ping: 0 },
    );
    await world.clock.advance(8000);
    expect(socket.all("refresh").length).toBe(1);
    await socket.drop();
    expect([world.reported, client.state.kind]).toEqual([[], "waiting"]);
  });

  test("C11 a token that comes after the end of its connection is thrown away", async () => {
    const world = new World();
    const answers: ((token: string) => void)[] = [];
    const token = () => new Promise<string>((resolve) => answers.push(resolve));
    const client = world.client({ token }).connect();
    answers[0]?.("t1");
    const socket = await world.accept({ expires: world.clock.now() + 10_000, ping: 0 });
    await world.clock.advance(8000);
    await socket.drop();
    answers[1]?.("t2");
    await settle();
    expect(socket.all("refresh")).toEqual([]);
    expect(world.reported).toEqual([]);
    expect(client.state.kind).toBe("waiting");
  });

  test("C11 a fixed token, and one that is over by this clock, is not refreshed", async () => {
    const world = new World();
    const fixed = await world.connected({ token: "t" }, { expires: world.clock.now() + 10_000, ping: 0 });
    const skewed = await world.connected({ token: () => "t" }, { expires: world.clock.now() - 1, ping: 0 });
    await world.clock.advance(60_000);
    for (const { socket } of [fixed, skewed]) expect(socket.all("refresh")).toEqual([]);
  });
});

describe("liveness", () => {
  test("C12 after the stated silence the client sends ping, and without an answer it connects again", async () => {
    const world = new World();
    const { client, socket } = await world.connected({}, { ping: 10 });
    await world.clock.advance(9000);
    void client.presence("x");
    await settle();
    await world.clock.advance(999);
    await socket.reply("presence", { count: 0 });
    await world.clock.advance(9000);
    expect(socket.all("ping").length).toBe(0);
    await world.clock.advance(1);
    await socket.reply("ping");
    await world.clock.advance(9999);
    expect(socket.all("ping").length).toBe(1);
    await world.clock.advance(5000);
    expect(client.state.kind).toBe("connected");
    await world.clock.advance(1);
    expect(client.state).toMatchObject({
      kind: "waiting",
      reason: "timeout",
      message: "no answer to a ping within 5000 ms",
    });
  });

  test("C12 a client that only listens pings as often, so that the server hears of it", async () => {
    const world = new World();
    const { socket } = await world.connected({}, { ping: 10 });
    for (let i = 0; i < 35; i++) {
      await socket.push({ gap: { topic: "x", after: 1, to: 2 } });
      await world.clock.advance(1000);
      if (socket.sent.at(-1)?.kind === "ping" && i % 10 === 9) await socket.reply("ping");
    }
    expect(socket.all("ping").length).toBe(3);
  });

  test("C12 any frame after the ping counts as the answer", async () => {
    const world = new World();
    const { client, socket } = await world.connected({}, { ping: 10 });
    await world.clock.advance(12_000);
    await socket.push({ later: {} });
    await world.clock.advance(4000);
    expect(client.state.kind).toBe("connected");
  });

  test("C13 when the network comes back a waiting client connects at once", async () => {
    const world = new World();
    world.random = 0.99;
    const { client, socket } = await world.connected();
    await socket.drop();
    world.wake();
    expect(client.state.kind).toBe("connecting");
    await world.accept();
    await world.clock.advance(1000);
    expect(world.sockets.length).toBe(2);
  });

  test("C13 when the page comes back a connection that does not answer a quick ping is given up", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    world.wake();
    await settle();
    await socket.reply("ping");
    await world.clock.advance(2000);
    expect(client.state.kind).toBe("connected");
    world.wake();
    await world.clock.advance(1500);
    world.wake();
    await world.clock.advance(500);
    expect(client.state).toMatchObject({ kind: "waiting", message: "no answer to a ping within 2000 ms" });
  });

  test("C13 online, pageshow and a page that becomes visible are wakes, until the client closes", () => {
    const page = Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { hidden: false }) });
    let wakes = 0;
    const stop = pageWakes(page)(() => wakes++);
    page.dispatchEvent(new Event("online"));
    page.dispatchEvent(new Event("pageshow"));
    page.document.dispatchEvent(new Event("visibilitychange"));
    page.document.hidden = true;
    page.document.dispatchEvent(new Event("visibilitychange"));
    expect(wakes).toBe(3);
    stop();
    page.dispatchEvent(new Event("online"));
    expect(wakes).toBe(3);
    expect(() => pageWakes({})(() => {})()).not.toThrow();
  });
});

describe("the end", () => {
  test("C14 close ends subscriptions, rejects what waits, and leaves no timer", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const subscription = client.subscribe("t");
    const waiting = [client.publish("t", 1), client.history("t"), client.presence("t"), subscription.ready];
    const reasons = Promise.all(waiting.map(async (each) => (await failure(each)).reason));
    await client.close();
    expect(await reasons).toEqual(["closed", "closed", "closed", "closed"]);
    expect(socket.closedWith).toBe(1000);
    expect(subscription.state.kind).toBe("ended");
    expect(world.clock.timers).toBe(0);
    expect((await failure(client.publish("t", 1))).reason).toBe("closed");
    expect(() => client.connect()).toThrow("the client is closed: close was called");
    await client.close();
  });

  test("C14 close resolves after a second if the other side does not close", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    socket.close = () => {};
    let closed = false;
    const closing = client.close().then(() => (closed = true));
    await world.clock.advance(999);
    expect(closed).toBe(false);
    await world.clock.advance(1);
    await closing;
  });

  test("C14 a state handler may close the client at any state", async () => {
    for (const kind of ["connecting", "connected", "waiting"] as const) {
      const world = new World();
      const client = world.client();
      client.on("state", (state) => state.kind === kind && client.close());
      client.connect();
      await settle();
      if (kind !== "connecting") await world.accept();
      if (kind === "waiting") await world.socket.drop();
      await world.clock.advance(60_000);
      expect(client.state.kind).toBe("closed");
      expect(world.clock.timers).toBe(0);
    }
  });

  test("C15 ready connects, resolves when connected, and rejects when the client closes", async () => {
    const world = new World();
    const client = world.client();
    const first = client.ready();
    await world.accept();
    await first;
    await client.ready();
    const other = world.client();
    const never = failure(other.ready());
    await other.close();
    expect((await never).message).toBe("the client is closed: close was called");
    expect((await failure(other.ready())).reason).toBe("closed");
  });
});

describe("faults", () => {
  test("C16 what is not of the protocol is reported and skipped; what is unknown is skipped", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const errors: TidegateError[] = [];
    client.on("error", (error) => errors.push(error));
    for (const bad of ["{", "7", "{}", '{"message":{"topic":7}}', '{"id":1,"error":{}}', new ArrayBuffer(2)])
      await socket.frame(bad);
    expect(errors.map((error) => error.reason)).toEqual(Array(6).fill("bad_frame"));
    await socket.push({ news: { from: "the future" } }, { id: 77, ping: {} });
    await socket.push({ error: { code: 2004, reason: "internal", message: "ack failed", temporary: true } });
    expect(errors.slice(6).map((error) => error.message)).toEqual(["ack failed"]);
    expect(client.state.kind).toBe("connected");
  });

  test("C17 handlers that throw or reject are reported and break nothing", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const errors: TidegateError[] = [];
    client.on("error", (error) => errors.push(error));
    const seen: unknown[] = [];
    client.subscribe("t", {}, () => {
      throw new Error("first");
    });
    client.on("message", () => Promise.reject(new Error("second")));
    client.on("message", (message) => seen.push(message.data));
    await settle();
    await socket.reply("subscribe", { epoch: "e", offset: 0 });
    await socket.push({ message: { topic: "t", offset: 1, previous: 0, time: 1, data: "x" } });
    expect(seen).toEqual(["x"]);
    expect(errors.map((error) => error.message).toSorted()).toEqual([
      "a handler threw: first",
      "a handler threw: second",
    ]);
  });

  test("C17 errors that nobody takes, and those of error handlers, go to the report", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    await socket.frame("{");
    expect(world.reported.length).toBe(1);
    client.on("error", () => Promise.reject(new Error("from the handler")));
    await socket.frame("{");
    expect(world.reported.map(String)).toEqual([
      expect.stringContaining("not of the protocol"),
      "Error: from the handler",
    ]);
  });

  test("C18 options that cannot be are refused by name", () => {
    expect(() => new Client([])).toThrow("endpoints: there is none");
    expect(() => new Client("http://host")).toThrow('endpoints: "http://host" does not begin with ws:// or wss://');
    expect(() => new Client("ws://h", { backoff: { min: -1 } })).toThrow("backoff.min: it must be a number above 0");
    const misspelled = { timeouts: { conect: 1 } } as never;
    expect(() => new Client("ws://h", misspelled)).toThrow(
      "timeouts.conect: unknown; there are connect, command, pong, wake, stable",
    );
  });

  test("C19 the commands of one turn go in one frame, up to its limits", async () => {
    const world = new World();
    const { client, socket } = await world.connected();
    const before = socket.frames.length;
    for (let i = 0; i < 20; i++) client.subscribe(`t/${i}`);
    await settle();
    expect(socket.frames.length).toBe(before + 1);
    for (let i = 0; i < 4; i++) void client.publish(`t/${i}`, "x".repeat(10_000)).catch(() => {});
    await settle();
    expect(socket.frames.length).toBe(before + 5);
  });
});
