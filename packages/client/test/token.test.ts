import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { Client, type ClientOptions, type ClientState } from "../src/index.ts";
import { Server } from "./support/server.ts";
import { failure } from "./support/world.ts";

const SECRET = "a secret of the tests, longer than 32 bytes";
let server: Server;
const clients: Client[] = [];

beforeAll(async () => {
  server = await Server.make({
    TIDEGATE_AUTH_JWT_SECRET: SECRET,
    TIDEGATE_AUTH_USER_PERMISSIONS_PUBLISH: "user/{user}",
    TIDEGATE_WEBSOCKET_MAX_FRAME: "70KB",
  });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.remove();
});

/** A JWT with HMAC by hand: the client has no part in making one. */
function token(user: string, seconds: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: user, exp: Math.floor(Date.now() / 1000) + seconds })}`;
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

function connect(options: ClientOptions): Client {
  const client = new Client(server.url, { backoff: { min: 20, max: 100 }, ...options }).connect();
  clients.push(client);
  return client;
}

test("C46 C85 a user's personal topic comes without a subscribe", async () => {
  const client = connect({ token: token("ann", 60) });
  await client.ready();
  expect(client.state).toMatchObject({ kind: "connected", user: "ann" });
  const inbox = client.personal?.[Symbol.asyncIterator]();
  await client.publish("user/ann", "for me");
  expect((await inbox?.next())?.value).toMatchObject({ topic: "user/ann", data: "for me", from: "ann" });
});

test("C9 C85 a token that the server refuses closes the client with its reason", async () => {
  const client = connect({ token: "nonsense" });
  expect((await failure(client.ready())).reason).toBe("closed");
  expect(client.state).toMatchObject({ kind: "closed", reason: "unauthenticated", code: 1004 });
});

test("C11 C85 a token that ends soon is renewed on the live connection", async () => {
  let asked = 0;
  const states: ClientState["kind"][] = [];
  const renewed = Promise.withResolvers<void>();
  const client = connect({
    token: () => {
      if (++asked === 3) renewed.resolve();
      return token("bob", asked > 2 ? 60 : 2);
    },
  });
  client.on("state", (state) => states.push(state.kind));
  await renewed.promise;
  await client.presence("chat/x").catch(() => {});
  expect(states).toEqual(["connected"]);
}, 10_000);

test("C68 C85 a publish that is larger than the server's frames is refused once", async () => {
  const client = connect({ token: token("ann", 60) });
  expect((await failure(client.publish("user/ann", "x".repeat(100_000)))).reason).toBe("too_large");
  expect(client.pending).toBe(0);
});
