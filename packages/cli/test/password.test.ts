import { afterAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { authSettings, createAuthenticator, loadOptions, signToken, systemClock } from "@tidegate/server";
import { readPassword } from "../src/password/read-password.ts";
import { typedLines } from "../src/password/typed-lines.ts";
import { run } from "./support/child.ts";
import { fakeTerminal, runHere } from "./support/here.ts";
import { FakeClock } from "../../server/test/support/fake-clock.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

const MAIN = join(import.meta.dir, "../src/main.ts");

const dir = new TempDir("tidegate-cli");
afterAll(dir.remove);

/** Options of a server whose tidegate.yaml is what the command said to add. */
function optionsOf(said: string) {
  const file = join(dir.path, "users.yaml");
  writeFileSync(file, said.slice(said.indexOf("auth:")));
  return loadOptions({ file, env: {}, flags: {} });
}

test("K49 the hash is printed alone, the user's lines beside it; the server takes the user and the password", async () => {
  const flags = ["--user", "sensor 7", "--publish", "a/{user}/#", "--publish", "b", "--subscribe", "c", "--admin"];
  const clock = new FakeClock();
  const { code, out, err } = await runHere(["password", ...flags], { stdin: "sécret word\r\n", clock });
  expect(code).toBe(0);
  expect(out).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$\S+\n$/);
  expect(out + err).not.toContain("cret word");
  const options = optionsOf(err);
  const own = { publish: ["a/{user}/#", "b"], subscribe: ["c"], admin: true };
  expect(options.auth.users).toEqual([{ name: "sensor 7", hash: out.trim(), since: clock.now(), ...own }]);
  const authenticator = createAuthenticator(authSettings(options), { clock: systemClock, fetch });
  expect(await authenticator.signIn("sensor 7", "sécret word")).toMatchObject({ user: "sensor 7" });
});

test("K49 without patterns the entry has none", async () => {
  const { err } = await runHere(["password"], { stdin: "secret" });
  expect(optionsOf(err).auth.users).toMatchObject([{ name: "my-device", publish: [], subscribe: [], admin: false }]);
});

test.each([
  [["--user", "a/b"], "--user must be a user id: it has /, + or #"],
  [["--publish", "#/a"], 'publish: "#/a" is not a topic pattern'],
])("K49 %j could not stand in the file", async (flags, message) => {
  const { code, out, err } = await runHere(["password", ...flags], { stdin: "secret" });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toStartWith(`tidegate: ${message}`);
});

test("K51 a password that could not be used is refused without showing it", async () => {
  const jwt = await signToken({ secret: "x".repeat(32), sub: "ann" }, systemClock);
  const bad: [string | Uint8Array<ArrayBuffer>, string][] = [
    ["", "the password is empty"],
    ["\n", "the password is empty"],
    ["secret\nsecret\n", "the standard input has more than one line"],
    [`secret${"x".repeat(8192)}`, "a password has at most 8192 characters"],
    ["secret".repeat(100_000), "a password has at most 8192 characters"],
    ["sec\tret", "the password has a control character"],
    [Uint8Array.of(0x73, 0xff), "the standard input is not UTF-8"],
    ["tg_secret", "the password has the form of a token"],
    [jwt, "the password has the form of a token"],
  ];
  for (const [stdin, message] of bad) {
    const { code, out, err } = await runHere(["password"], { stdin });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toStartWith(`tidegate: ${message}`);
    expect(err).not.toContain("secret");
  }
});

test("K51 the line is taken as it is, and no more is read than it, or than a password may have", async () => {
  const read = (input: AsyncIterable<Uint8Array>): Promise<string> =>
    readPassword({ ...fakeTerminal({}, { out: "", err: "" }), input: () => input }, "ann");
  const most = "x".repeat(8192);
  expect(await read(typing(`${most}\n`))).toBe(most);
  expect(await read(typing("\ufeffsecret"))).toBe("\ufeffsecret");
  expect(await read(withoutEnd("secret\n", ""))).toBe("secret");
  expect(await faultOf(read(withoutEnd("", "x".repeat(1000))))).toBe(TOO_LONG);
});

test("K51 a real pipe is read", async () => {
  const { code, out } = await run(["password"], { stdin: "secret\n" });
  expect(code).toBe(0);
  expect(await Bun.password.verify("secret", out.trim())).toBeTrue();
});

const TOO_LONG = "a password has at most 8192 characters";

function faultOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no fault",
    (error: Error) => error.message,
  );
}

/** Keys as a terminal passes them on. */
async function* typing(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  }
}

async function* withoutEnd(first: string, then: string): AsyncGenerator<Uint8Array> {
  yield* typing(first);
  if (then === "") await new Promise(() => {});
  for (;;) yield* typing(then);
}

/** What happens when this is typed; and whether the terminal showed it. */
async function type(keys: string) {
  const echo: boolean[] = [];
  const result = await runHere(["password", "--user", "ann"], {
    stdin: keys,
    typed: { setEcho: (on) => echo.push(on) },
  });
  return { ...result, echo };
}

test("K50 on a terminal it asks twice and shows nothing", async () => {
  const { code, out, err, echo } = await type("secret\rsecret\r");
  expect({ code, echo }).toEqual({ code: 0, echo: [false, true] });
  expect(err).toStartWith("Password of ann: \nAgain: \nAdd this");
  expect(err).not.toContain("secret");
  expect(await Bun.password.verify("secret", out.trim())).toBeTrue();
});

test.each([
  ["secret\rSecret\r", 1, "the two passwords differ"],
  ["sec\u0003", 1, "no password was given"],
  ["secret\r\u0004", 1, "no password was given"],
  ["secret\r", 1, "no password was given"],
  ["\r\r", 2, "the password is empty"],
])("K50 %j ends it, and the terminal shows again what is typed", async (keys, exit, message) => {
  const { code, out, err, echo } = await type(keys);
  expect({ code, out, echo }).toEqual({ code: exit, out: "", echo: [false, true] });
  expect(err).toEndWith(`tidegate: ${message}\n`);
});

test("K50 the line can be edited, and keys that are no characters are left out", async () => {
  const chunks = ["sek", "\u007f", "cx\b", "\u001b[D", "r\tet\r", "wrong\u0015é🙂", "\u007f", "\r"];
  const lines: string[] = [];
  for await (const line of typedLines(typing())) lines.push(line);
  expect(lines).toEqual([]);
  for await (const line of typedLines(typing(...chunks))) lines.push(line);
  expect(lines).toEqual(["secret", "é"]);
});

test("K50 a character may come in pieces, and a line without an end is refused", async () => {
  const bytes = Buffer.from("é\r");
  for await (const line of typedLines(typing(bytes.subarray(0, 1), bytes.subarray(1)))) expect(line).toBe("é");
  const most = "x".repeat(8192);
  for await (const line of typedLines(typing(most, "\r"))) expect(line).toBe(most);
  expect(await faultOf(typedLines(typing(most, "x")).next())).toBe(TOO_LONG);
});

test("K50 a real terminal is asked, and shows nothing", async () => {
  let shown = "";
  const asked = Promise.withResolvers<undefined>();
  const again = Promise.withResolvers<undefined>();
  const child = Bun.spawn([process.execPath, MAIN, "password", "--user", "ann"], {
    cwd: dir.path,
    env: { PATH: process.env["PATH"] ?? "" },
    terminal: {
      cols: 200,
      rows: 50,
      data(_, data) {
        shown += new TextDecoder().decode(data);
        if (shown.includes("Password of ann: ")) asked.resolve(undefined);
        if (shown.includes("Again: ")) again.resolve(undefined);
      },
    },
  });
  await asked.promise;
  child.terminal!.write("hidden word\r");
  await again.promise;
  child.terminal!.write("hidden word\r");
  expect(await child.exited).toBe(0);
  child.terminal!.close();
  expect(shown).not.toContain("hidden");
  expect(await Bun.password.verify("hidden word", /hash: (\S+)/.exec(shown)?.[1] ?? "")).toBeTrue();
});
