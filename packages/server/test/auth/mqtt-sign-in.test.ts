import { expect, test } from "bun:test";
import { type ConnackPacket, encodePacket, MqttDecoder, type MqttVersion } from "@tidegate/protocol/mqtt";
import { type AuthError, hashKey, signToken } from "../../src/auth/index.ts";
import { systemClock } from "../../src/clock.ts";
import { startNode } from "../http/harness.ts";
import { SECRET } from "../support/gateway.ts";

const HASH = await Bun.password.hash("ann's", { algorithm: "argon2id", memoryCost: 8, timeCost: 1 });
const KEY = "tg_key-of-a-machine";
const AUTH = {
  MQTT_PORT: "0",
  AUTH_JWT_SECRET: SECRET,
  AUTH_KEYS: JSON.stringify([{ name: "machine", hash: hashKey(KEY) }]),
  AUTH_USERS: JSON.stringify([{ name: "ann", hash: HASH }]),
};
const node = await startNode({ env: AUTH });
const open = await startNode({ env: { ...AUTH, AUTH_REQUIRED: "false", AUTH_ANONYMOUS_SUBSCRIBE: "news" } });
const token = await signToken({ secret: SECRET, sub: "zoe" }, systemClock);

interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/** Connects, and says what the server answers and for whom it takes the client. */
async function connect({ username, password }: Credentials, version: MqttVersion, { gateway } = node) {
  const answer = Promise.withResolvers<ConnackPacket>();
  const decoder = new MqttDecoder({ role: "client", version, maxPacketSize: 65_536 });
  const data = (_: unknown, chunk: Uint8Array): void =>
    decoder.read(chunk, (packet) => (packet.type === "connack" ? answer.resolve(packet) : undefined));
  const close = (): void => answer.reject(new Error("closed without an answer"));
  const socket = await Bun.connect({ hostname: "127.0.0.1", port: gateway.mqttPorts.plain!, socket: { data, close } });
  socket.write(
    encodePacket(
      {
        type: "connect",
        version,
        clientId: "c",
        cleanStart: true,
        keepAlive: 0,
        will: undefined,
        username,
        password: password === undefined ? undefined : Buffer.from(password),
        properties: undefined,
      },
      version,
    ),
  );
  const { code } = await answer.promise;
  const users = [...gateway.services.sessions].map(({ open: state }) => state?.identity.user ?? state?.identity.kind);
  socket.end();
  while (gateway.services.sessions.size > 0) await new Promise(setImmediate);
  return { code, user: code === 0 ? users[0] : undefined };
}

const BOTH: readonly MqttVersion[] = [4, 5];

test.each(BOTH)("A42 A33 version %d: a user name and its password sign in", async (version) => {
  const answer = await connect({ username: "ann", password: "ann's" }, version);
  expect(answer).toEqual({ code: 0, user: "ann" });
});

test.each(BOTH)("A42 A34 version %d: a wrong one is refused with its code", async (version) => {
  const code = version === 5 ? 0x86 : 4;
  for (const wrong of [
    { username: "ann", password: "wrong" },
    { username: "eve", password: "ann's" },
    { username: "ann", password: "tg_no-such-key-here" },
  ])
    expect(await connect(wrong, version)).toEqual({ code, user: undefined });
});

test.each(BOTH)("A40 A42 version %d: with a token any user name goes", async (version) => {
  for (const username of ["zoe", "ann", "", "unused"])
    expect(await connect({ username, password: token }, version)).toEqual({ code: 0, user: "zoe" });
  expect(await connect({ username: "ann", password: KEY }, version)).toEqual({ code: 0, user: "key" });
});

test("A42 without a user name the password is a token", async () => {
  expect(await connect({ password: token }, 5)).toEqual({ code: 0, user: "zoe" });
  expect(await connect({ password: "ann's" }, 5)).toEqual({ code: 0x86, user: undefined });
});

test.each(BOTH)("A41 version %d: a user name alone is nobody", async (version) => {
  expect(await connect({ username: "ann" }, version)).toEqual({ code: version === 5 ? 0x86 : 4, user: undefined });
  expect(await connect({ username: "ann" }, version, open)).toEqual({ code: 0, user: "anonymous" });
  expect(await connect({ username: "ann", password: "" }, version, open)).toEqual({ code: 0, user: "anonymous" });
  const wrong = await connect({ username: "ann", password: "wrong" }, version, open);
  expect(wrong.code).toBe(version === 5 ? 0x86 : 4);
});

test("A38 A42 a user who was revoked stays out", async () => {
  const own = await startNode({ env: AUTH });
  const ann = { username: "ann", password: "ann's" };
  expect(await connect(ann, 5, own)).toEqual({ code: 0, user: "ann" });
  own.gateway.services.revocations.revoke({ user: "ann" });
  expect(await connect(ann, 5, own)).toEqual({ code: 0x86, user: undefined });
});

test.each(BOTH)("A37 A42 version %d: while too many wait, one is refused for the moment", async (version) => {
  const { authenticator } = node.gateway.services;
  let isOver = false;
  /** Whoever got a place takes it again as soon as the password was found wrong. */
  const flooder = async (_: unknown, i: number): Promise<void> => {
    let refusedFor: unknown;
    for (let n = 0; !isOver && refusedFor !== "unavailable"; n++)
      refusedFor = await Promise.resolve(authenticator.signIn("ann", `wrong ${i} ${n}`)).then(
        () => undefined,
        (error: unknown) => (error as AuthError).reason,
      );
  };
  const flood = Array.from({ length: 110 }, flooder);
  const answer = await connect({ username: "ann", password: "not this one" }, version);
  isOver = true;
  await Promise.all(flood);
  expect(answer).toEqual({ code: version === 5 ? 0x88 : 3, user: undefined });
  expect((await connect({ username: "ann", password: "ann's" }, version)).code).toBe(0);
});
