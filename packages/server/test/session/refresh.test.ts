import { expect, test } from "bun:test";
import { CLOSES } from "@tidegate/protocol";
import { AuthError, type Authenticator, type Identity } from "../../src/auth/index.ts";
import { inspect } from "../../src/session/sweeper.ts";
import { identity, noPasswords, Stage } from "./stage.ts";

/** Tokens are names of what they bring. */
function stageOf(tokens: Readonly<Record<string, Identity | AuthError | Promise<Identity>>>): Stage {
  const authenticator: Authenticator = {
    authenticate(token) {
      const found = tokens[token ?? ""];
      if (found === undefined || found instanceof AuthError) throw found ?? new AuthError("unauthenticated", "unknown");
      return found;
    },
    signIn: noPasswords,
    prepare: () => Promise.resolve(),
  };
  return new Stage({ authenticator });
}

const END = 1_700_000_060_000;

test("S20 a new token takes the place of the old one: its end is the connection's", async () => {
  const stage = stageOf({ old: identity("ann", { expires: END }), fresh: identity("ann", { expires: END + 60_000 }) });
  const client = await stage.connected("old");
  expect(client.reply("connect").expires).toBe(END);
  client.do({ refresh: { token: "fresh" } });
  expect(client.reply("refresh")).toEqual({ kind: "refresh", expires: END + 60_000 });
  inspect(client.session, END + 5_000);
  expect(client.wire.closed).toBeUndefined();
  inspect(client.session, END + 61_001);
  expect(client.wire.closed?.code).toBe(CLOSES.token_expired.code);
});

test("S20 a token that must be waited for, too; meanwhile the old one counts", async () => {
  const waiting = Promise.withResolvers<Identity>();
  const stage = stageOf({ old: identity("ann"), slow: waiting.promise });
  const client = await stage.connected("old");
  client.do({ refresh: { token: "slow" } }, { subscribe: { topic: "chat/a" } });
  expect(client.take()).toEqual(["3 subscribe"]);
  waiting.resolve(identity("ann", {}, ["none"]));
  await stage.settle();
  expect(client.take()).toEqual(["unsubscribed chat/a forbidden", "2 refresh"]);
});

test("S21 another user's token, and a refused one, change nothing", async () => {
  const slow = Promise.reject(new AuthError("unavailable", "no key set"));
  slow.catch(() => {});
  const ann = identity("ann", { expires: END });
  const tokens = { ann, bob: identity("bob"), late: new AuthError("token_expired", "over"), slow };
  const stage = stageOf(tokens);
  const client = await stage.connected("ann");
  client.do({ subscribe: { topic: "chat/a" } });
  for (const token of ["bob", "late", "slow"]) client.do({ refresh: { token } });
  await stage.settle();
  expect(client.take()).toEqual([
    "2 subscribe",
    "3 error unauthenticated",
    "4 error token_expired",
    "5 error unavailable",
  ]);
  expect(client.session.open?.identity).toBe(ann);
  expect(client.wire.closed).toBeUndefined();
});

test("S22 subscriptions that the new token does not allow end, with their presence; others go on", async () => {
  const stage = stageOf({ wide: identity("ann"), narrow: identity("ann", {}, ["chat/b"]) });
  const [client, other] = [await stage.connected("wide"), await stage.connected("wide")];
  const publish = (topic: string) => other.do({ publish: { topic, data: 1 } });
  for (const topic of ["chat/a", "chat/b", "chat/+"]) client.do({ subscribe: { topic } });
  client.do({ subscribe: { topic: "chat/c", presence: true } });
  client.takeAll();
  client.do({ refresh: { token: "narrow" } });
  publish("chat/a");
  publish("chat/b");
  publish("user/ann");
  await stage.advance(60_000);
  expect(client.take()).toEqual([
    "unsubscribed chat/a forbidden",
    "unsubscribed chat/+ forbidden",
    "unsubscribed chat/c forbidden",
    "6 refresh",
    "message 2",
  ]);
  other.do({ presence: { topic: "chat/c" } });
  await stage.settle();
  expect(other.reply("presence").count).toBe(0);
  client.do({ publish: { topic: "chat/a", data: 1 } });
  expect(client.error).toBe("forbidden");
});
