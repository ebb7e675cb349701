import { describe, expect, test } from "bun:test";
import { CLOSES, type CloseReason } from "@tidegate/protocol";
import { AuthError, type Authenticator, type Identity } from "../../src/auth/index.ts";
import { identity, noPasswords, Stage } from "./stage.ts";

/** Tokens that are checked when the test says so. */
class Doorman implements Authenticator {
  readonly #waiting: PromiseWithResolvers<Identity>[] = [];

  authenticate(token: string | undefined): Identity | Promise<Identity> {
    if (token === "expired") throw new AuthError("token_expired", "exp is over");
    if (token === "wrong") throw new AuthError("unauthenticated", "the signature is wrong");
    if (token === undefined || !token.startsWith("slow")) return identity(token);
    const waiting = Promise.withResolvers<Identity>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  answer(who: Identity | AuthError): void {
    const waiting = this.#waiting.shift();
    if (who instanceof AuthError) waiting?.reject(who);
    else waiting?.resolve(who);
  }

  signIn = noPasswords;

  prepare = () => Promise.resolve();
}

function guarded(settings = {}) {
  const door = new Doorman();
  return { door, stage: new Stage({ authenticator: door, ...settings }) };
}

const codeOf = (reason: CloseReason): number => CLOSES[reason].code;

describe("the first command", () => {
  test("S1 is connect or ping: every other one fails, and the connection lives", async () => {
    const client = new Stage().client();
    const topic = "chat/a";
    client.do({ ping: {} });
    for (const kind of ["subscribe", "unsubscribe", "history", "presence"]) client.do({ [kind]: { topic } });
    client.do({ publish: { topic, data: 1 } }, { ack: { topic, offset: 1 } }, { refresh: { token: "t" } });
    client.do({ connect: {} });
    expect(client.take()).toEqual([
      "1 ping",
      ...[2, 3, 4, 5, 6, 7, 8].map((id) => `${id} error not_connected`),
      "9 connect",
    ]);
    expect(client.session.services.streamOf("chat").log.head()).toBe(0);
  });

  test("S2 connect comes once", async () => {
    const { door, stage } = guarded();
    const client = await stage.connected();
    client.do({ connect: {} });
    expect(client.take()).toEqual(["2 error already_connected"]);
    const slow = stage.client();
    slow.do({ connect: { token: "slow" } }, { connect: { token: "another" } });
    door.answer(identity("ann"));
    await stage.settle();
    expect(slow.take()).toEqual(["1 connect", "2 error already_connected"]);
    expect(slow.session.open?.identity.user).toBe("ann");
  });
});

describe("while the token is checked", () => {
  test("S3 S13 commands wait and keep their order, wrong ones too", async () => {
    const { door, stage } = guarded();
    const client = stage.client();
    client.do({ ping: {} }, { connect: { token: "slow" } }, { subscribe: { topic: "chat/a" } });
    client.do({ subscribe: { topic: "a/#/b" } }, { ping: {} }, { unsubscribe: { topic: "chat/a" } });
    expect(client.take()).toEqual(["1 ping"]);
    door.answer(identity("ann"));
    await stage.settle();
    expect(client.take()).toEqual(["2 connect", "3 subscribe", "4 error invalid_argument", "5 ping", "6 unsubscribe"]);
  });

  test("S3 S13 they wait for the history of the personal topic as well", async () => {
    const { door, stage } = guarded();
    const client = stage.client();
    const open = stage.log.holdReads();
    client.do({ connect: { token: "slow", since: { epoch: "e1", offset: 0 } } }, { ping: {} });
    door.answer(identity("ann"));
    await stage.settle();
    client.do({ subscribe: { topic: "chat/a" } });
    expect(client.take()).toEqual([]);
    open();
    await stage.settle();
    expect(client.take()).toEqual(["1 connect", "2 ping", "3 subscribe"]);
  });

  test("S4 no more than 1000 commands wait", async () => {
    const { stage } = guarded();
    const client = stage.client();
    client.do({ connect: { token: "slow" } });
    client.do(...Array.from({ length: 1000 }, () => ({ ping: {} })));
    expect(client.wire.closed).toBeUndefined();
    client.do({ ping: {} });
    expect(client.wire.closed?.code).toBe(codeOf("malformed"));
    expect(client.wire.closed?.reason).toContain("1000 commands");
  });

  test("S4 no more bytes wait than may wait for a client", async () => {
    const { stage } = guarded({ limits: { maxBuffered: 10_000 } });
    const client = stage.client();
    client.do({ connect: { token: "slow" } });
    const large = { publish: { topic: "chat/a", text: "x".repeat(4000) } };
    client.do(large);
    client.do(large);
    expect(client.wire.closed).toBeUndefined();
    client.do(large);
    expect(client.wire.closed?.code).toBe(codeOf("malformed"));
    expect(client.wire.closed?.reason).toContain("10000 bytes");
  });

  test("S8 a client that goes meanwhile is let in nowhere", async () => {
    const { door, stage } = guarded();
    const client = stage.client();
    client.do({ connect: { token: "slow" } }, { subscribe: { topic: "chat/a" } });
    client.lose();
    door.answer(identity("ann"));
    await stage.settle();
    expect(client.session.state.kind).toBe("closed");
    expect([stage.services.sessions.connectionsOf("ann"), stage.hub.groups, stage.services.sessions.size]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe("connect", () => {
  test.each([
    ["wrong", "unauthenticated", "unauthenticated"],
    ["expired", "token_expired", "token_expired"],
  ] as const)("S10 a token that is %s is answered, and closes", (token, error, close) => {
    const { stage } = guarded();
    const client = stage.client();
    client.do({ connect: { token } }, { subscribe: { topic: "chat/a" } });
    expect(client.take()).toEqual([`1 error ${error}`]);
    expect(client.wire.closed?.code).toBe(codeOf(close));
    expect(stage.hub.groups).toBe(0);
  });

  test("S10 a key set that cannot be read is a fault of the server: the client comes again", async () => {
    const { door, stage } = guarded();
    const client = stage.client();
    client.do({ connect: { token: "slow" } }, { ping: {} });
    door.answer(new AuthError("unavailable", "the key set cannot be read"));
    await stage.settle();
    expect(client.take()).toEqual(["1 error unavailable"]);
    expect(client.wire.closed?.code).toBe(codeOf("internal"));
  });

  test("S11 a user is subscribed to the personal topic, and resumes it", async () => {
    const stage = new Stage();
    const robot = await stage.connected();
    robot.do({ publish: { topic: "user/ann", data: 1 } }, { publish: { topic: "user/ann", data: 2 } });
    await stage.settle();
    const client = stage.client();
    client.do({ connect: { token: "ann", since: { epoch: "e1", offset: 1 } } });
    await stage.settle();
    robot.do({ publish: { topic: "user/ann", data: 3 } });
    await stage.settle();
    expect(client.reply("connect")).toMatchObject({
      user: "ann",
      ping: 25,
      personal: { topic: "user/ann", epoch: "e1", offset: 2, recovered: true },
    });
    expect(client.take()).toEqual(["1 connect", "message 2", "message 3"]);
    expect((await stage.connected()).reply("connect").personal).toBeUndefined();
  });

  test("S11 an API key has no personal topic", async () => {
    const authenticator: Authenticator = {
      authenticate: () => identity(undefined, { kind: "key", keyName: "robot" }),
      signIn: noPasswords,
      prepare: () => Promise.resolve(),
    };
    const client = await new Stage({ authenticator }).connected("tg_1");
    expect(client.reply("connect")).toMatchObject({ user: undefined, personal: undefined });
    expect(client.session.open?.subscriptions).toEqual([]);
  });

  test("S12 without its personal topic a client is sent away to come again", async () => {
    const stage = new Stage();
    stage.log.failReads();
    const client = stage.client();
    client.do({ connect: { token: "ann", since: { epoch: "e1", offset: 0 } } });
    await stage.settle();
    expect(client.take()).toEqual(["1 error unavailable"]);
    expect(client.wire.closed?.code).toBe(codeOf("internal"));
    expect([stage.services.sessions.connectionsOf("ann"), stage.hub.groups]).toEqual([0, 0]);
  });

  test("S14 a user has at most so many connections; one that ends makes room", async () => {
    const stage = new Stage({ limits: { perUser: 2 } });
    const [first] = [await stage.connected("ann"), await stage.connected("ann")];
    const third = await stage.connected("ann");
    expect(third.error).toBe("rate_limited");
    expect(third.wire.closed?.code).toBe(codeOf("overloaded"));
    third.lose();
    expect((await stage.connected("bob")).session.state.kind).toBe("open");
    first.lose();
    const fourth = await stage.connected("ann");
    expect(fourth.session.state.kind).toBe("open");
    fourth.session.close("revoked", "go");
    fourth.lose();
    expect(stage.services.sessions.connectionsOf("ann")).toBe(1);
  });

  test("S16 a node that is about to stop lets nobody in, also not one whose token was being checked", async () => {
    const { door, stage } = guarded();
    const [early, late] = [stage.client(), stage.client()];
    early.do({ connect: { token: "slow" } });
    stage.draining = true;
    late.do({ connect: {} });
    door.answer(identity("ann"));
    await stage.settle();
    for (const client of [early, late]) {
      expect(client.take()).toEqual(["1 error draining"]);
      expect(client.wire.closed?.code).toBe(codeOf("draining"));
    }
  });
});
