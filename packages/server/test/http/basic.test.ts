import { expect, test } from "bun:test";
import { EventReader } from "./event-reader.ts";
import { errorOf, post, startNode } from "./harness.ts";
import { authenticated, ROBOT, tokenOf } from "./who.ts";

const CHEAP = { algorithm: "argon2id", memoryCost: 8, timeCost: 1 } as const;
const PASSWORD = "grün: a:b";
const users = [
  { name: "ann", hash: await Bun.password.hash(PASSWORD, CHEAP) },
  { name: "boss", hash: await Bun.password.hash("boss's", CHEAP), admin: true },
];
const setting = authenticated();
const node = await startNode({
  ...setting,
  env: { ...setting.env, AUTH_USERS: JSON.stringify(users), AUTH_USER_PERMISSIONS_PUBLISH: "chat/#" },
});

function basic(name: string, password: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` };
}

const ann = basic("ann", PASSWORD);
const history = (headers: Record<string, string>) => fetch(`${node.url}/v1/history?topic=chat/a`, { headers });

test("H53 a user name and password publish, follow and read as that user", async () => {
  const stream = await EventReader.open(`${node.url}/v1/subscribe?topic=chat/%23`, ann);
  expect((await stream.next())?.event).toBe("subscribed");
  expect((await post(`${node.url}/v1/publish`, { topic: "chat/a", text: "hi" }, ann)).status).toBe(200);
  expect(JSON.parse((await stream.next())?.data ?? "")).toMatchObject({ topic: "chat/a", from: "ann", text: "hi" });
  stream.leave();
  const page = (await (await history(ann)).json()) as { messages: readonly { from: string }[] };
  expect(page.messages.map(({ from }) => from)).toEqual(["ann"]);
  expect((await fetch(`${node.url}/v1/presence?topic=chat/a`, { headers: ann })).status).toBe(200);
  expect((await post(`${node.url}/v1/publish`, { topic: "other", text: "hi" }, ann)).status).toBe(403);
});

test("H53 a token as the password is a token", async () => {
  const headers = basic("anything", await tokenOf("zoe"));
  expect((await post(`${node.url}/v1/publish`, { topic: "chat/zoe", text: "hi" }, headers)).status).toBe(200);
  expect((await history(basic("ann", ROBOT))).status).toBe(200);
});

test.each([
  ["a wrong password", basic("ann", "wrong")],
  ["an unknown name", basic("eve", PASSWORD)],
  ["no password", basic("ann", "")],
  ["no colon", { Authorization: `Basic ${Buffer.from("ann").toString("base64")}` }],
  ["no base64", { Authorization: "Basic ?" }],
  ["no UTF-8", { Authorization: `Basic ${Buffer.from("616e6e3aff", "hex").toString("base64")}` }],
  ["nothing", { Authorization: "Basic" }],
  ["another scheme", { Authorization: "Digest YTpi" }],
  ["none", {}],
])("H52 H53 H54 %s is a 401 that asks for no password", async (_, headers) => {
  const response = await history(headers as Record<string, string>);
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="tidegate"');
  const { message } = await errorOf(response);
  expect(message).not.toContain("grün");
});

test("H51 H53 beside a token it is one too many", async () => {
  const response = await history({ ...ann, "X-API-Key": ROBOT });
  expect([response.status, (await errorOf(response)).reason]).toEqual([400, "invalid_argument"]);
  const stream = await fetch(`${node.url}/v1/subscribe?topic=chat/a&token=${ROBOT}`, { headers: ann });
  expect(stream.status).toBe(400);
});

test("H53 H80 a user with admin may revoke, another may not", async () => {
  const revoke = (headers: Record<string, string>) => post(`${node.url}/v1/revoke`, { user: "nobody" }, headers);
  expect((await revoke(ann)).status).toBe(403);
  expect((await revoke(basic("boss", "boss's"))).status).toBe(200);
});
