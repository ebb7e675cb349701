import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./support/child.ts";
import { runHere } from "./support/here.ts";
import { serve } from "./support/server.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

/** A network on which every request is answered in one way. */
function network(answer: () => Response | Promise<Response>) {
  const requests: { url: string; init: RequestInit }[] = [];
  const fetch = (url: string, init: RequestInit = {}): Promise<Response> => {
    requests.push({ url, init });
    return Promise.resolve(answer());
  };
  return { requests, fetch };
}

const stored = () => Response.json({ epoch: "e", offset: 1, duplicate: false });

test.each([
  [[], {}, "http://127.0.0.1:8080"],
  [[], { TIDEGATE_URL: "https://a.example" }, "https://a.example"],
  [["--url", "http://b.example:1/"], { TIDEGATE_URL: "https://a.example" }, "http://b.example:1"],
  [["--url", "localhost:9000"], {}, "http://localhost:9000"],
  [["--url", "ws://localhost:9000/ws"], {}, "http://localhost:9000"],
  [["--url", "https://c.example/gateway/"], {}, "https://c.example/gateway"],
  [["--url", "[::1]:9000"], {}, "http://[::1]:9000"],
])("K19 with %j and %j the server is %3$s", async (flags, env, base) => {
  const { requests, fetch } = network(stored);
  const { code } = await runHere(["publish", "a", "b", ...flags], { env: env as Record<string, string>, fetch });
  expect(code).toBe(0);
  expect(requests[0]?.url).toBe(`${base}/v1/publish`);
});

test.each(["ftp://x", "http://", "http://u:p@x", "http://x?token=1"])("K19 the address %s is refused", async (url) => {
  const { code, err } = await runHere(["publish", "a", "b", "--url", url]);
  expect(code).toBe(2);
  expect(err).toStartWith("tidegate: --url ");
});

test("K19 the token comes from a flag, a file or the environment, in this order, and is never shown", async () => {
  using dir = new TempDir("tidegate-cli");
  const file = join(dir.path, "token");
  writeFileSync(file, "from-file\n");
  const env = { TIDEGATE_TOKEN: "from-env" };
  const refused = () =>
    Response.json({ error: { reason: "unauthenticated", message: "no", temporary: false } }, { status: 401 });
  for (const [flags, expected] of [
    [[], "from-env"],
    [["--token-file", file], "from-file"],
    [["--token", "from-flag"], "from-flag"],
  ] as const) {
    const { requests, fetch } = network(refused);
    const { out, err } = await runHere(["publish", "a", "b", ...flags], { env, fetch });
    expect(requests[0]?.init.headers).toMatchObject({ Authorization: `Bearer ${expected}` });
    expect(out + err).not.toContain(expected);
  }
  const bad = await runHere(["publish", "a", "b", "--token", "two words"]);
  expect(bad.code).toBe(2);
  expect(bad.err).not.toContain("two words");
});

test.each(["publish a b", "history a", "subscribe a", "publish a --lines"])(
  "K20 %s says that no server is there, and how to start one",
  async (command) => {
    const { code, out, err } = await run([...command.split(" "), "--url", "http://127.0.0.1:1"], { stdin: "1\n" });
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toStartWith(
      "tidegate: no server at http://127.0.0.1:1 (connection refused). Start one with: tidegate serve\n",
    );
  },
);

test("K20 a host that does not exist, or is silent, is named", async () => {
  const fail = (error: object) => () => Promise.reject(Object.assign(new Error("?"), error));
  const unknown = await runHere(["history", "a", "--url", "http://x.example"], { fetch: fail({ code: "ENOTFOUND" }) });
  expect(unknown.err).toStartWith("tidegate: no server at http://x.example (no such host). Is the address right?");
  const untrusted = await runHere(["history", "a"], { fetch: fail({ message: "self signed certificate" }) });
  expect(untrusted.err).toContain(
    "(self signed certificate). If you trust its authority, name it: NODE_EXTRA_CA_CERTS=",
  );
  const silent = await runHere(["history", "a"], { fetch: fail({ name: "TimeoutError" }) });
  expect({ code: silent.code, text: silent.err.includes("no answer in time") }).toEqual({ code: 3, text: true });
});

test("K21 without a token, and with one that does not allow it, the exit code is 4 and the words say what to do", async () => {
  const env = { TIDEGATE_AUTH_JWT_SECRET: "a secret of more than 32 characters" };
  await using server = await serve({ env });
  const { out: token } = await run(["token", "--user", "ann", "--publish", "mine/#"], { env });
  const client = { TIDEGATE_URL: server.url };
  const allowed = { ...client, TIDEGATE_TOKEN: token };
  const [none, follow, other, mine] = await Promise.all([
    run(["publish", "mine/a", "1"], { env: client }),
    run(["subscribe", "mine/a"], { env: client }),
    run(["publish", "other/a", "1"], { env: allowed }),
    run(["publish", "mine/a", "1"], { env: allowed }),
  ]);
  for (const { code, err } of [none, follow]) {
    expect(code).toBe(4);
    expect(err).toStartWith("tidegate: the server wants a valid token: ");
    expect(err).toContain("TIDEGATE_TOKEN");
  }
  expect(other.code).toBe(4);
  expect(other.err).toStartWith("tidegate: the server does not allow it: ");
  expect(mine.code).toBe(0);
});

test("K22 what is no Tidegate server is said to be none", async () => {
  for (const answer of [() => new Response("hello"), () => Response.json({}, { status: 502 })]) {
    const { code, err } = await runHere(["history", "a"], { fetch: network(answer).fetch });
    expect(code).toBe(1);
    expect(err).toMatch(
      /^tidegate: http:\/\/127.0.0.1:8080\/v1\/history answered (200|502): is it a Tidegate server\?\n$/,
    );
  }
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
  const { code, err } = await run(["subscribe", "a", "--url", `127.0.0.1:${other.port}`]);
  expect(code).toBe(3);
  expect(err).toContain("Is it a Tidegate server?");
});
