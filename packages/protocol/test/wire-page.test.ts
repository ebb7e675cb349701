import { expect, test } from "bun:test";
import { join } from "node:path";
import { PAGE, withTables } from "../scripts/tables.ts";
import type { ServerFrame } from "../src/codec.ts";
import { CODECS } from "../src/codec.ts";
import { CLOSES } from "../src/codes.ts";
import { LIMITS } from "../src/limits.ts";
import { jsonCodec } from "../src/json/codec.ts";
import { COMMAND_KINDS } from "../src/commands.ts";
import { PUSH_FIELDS, REPLY_FIELDS } from "../src/replies.ts";
import { protoCodec } from "../src/proto/codec.ts";

const page = await Bun.file(PAGE).text();
const lines = (arrow: string): readonly string[] =>
  page
    .split("\n")
    .filter((line) => line.startsWith(`${arrow} `))
    .map((line) => line.slice(2));

/** What the server writes for a frame that a client read. */
function written(frame: ServerFrame): string {
  return frame.kind === "push" ? jsonCodec.push(frame.push) : jsonCodec.reply(frame.id, frame.reply);
}

const kindOf = (line: string): string => Object.keys(JSON.parse(line) as object).find((key) => key !== "id")!;

test("W1 every example of a command is read, and there is one of each", () => {
  const seen = new Set<string>();
  for (const line of lines("→")) {
    const [command] = jsonCodec.decode(line);
    expect(command, line).not.toMatchObject({ kind: "rejected" });
    seen.add(command!.kind);
  }
  expect([...seen].toSorted()).toEqual(COMMAND_KINDS.toSorted());
});

test("W1 every example of a reply or push is what the server writes, and there is one of each", () => {
  const seen = new Set<string>();
  for (const line of lines("←")) {
    expect(jsonCodec.decodeServer(line).map(written)).toEqual([line]);
    seen.add(kindOf(line));
  }
  const all = Object.keys({ ...REPLY_FIELDS, ...PUSH_FIELDS }).filter((kind) => kind !== "ack");
  expect([...seen].toSorted()).toEqual(all.toSorted());
});

test("W1 the example in bytes is what the Protobuf codec reads", () => {
  const start = page.indexOf("The bytes of `");
  const json = /`(.*)`/.exec(page.slice(start))![1]!;
  const block = page.slice(page.indexOf("```\n", start) + 4, page.indexOf("```\n\n## Versions"));
  const hex = block.split("\n").flatMap((line) => (/^((?:[0-9a-f]{2} ?)+) /.exec(line)?.[1] ?? "").trim().split(" "));
  const bytes = Uint8Array.from(
    hex.filter((pair) => pair !== ""),
    (pair) => Number.parseInt(pair, 16),
  );
  expect(protoCodec.decode(bytes)).toEqual(jsonCodec.decode(json));
  expect(protoCodec.encodeCommand({ kind: "unsubscribe", id: 3, topic: "a/b" })).toEqual(bytes);
});

test("W2 the page names the subprotocols of the registry", () => {
  for (const name of Object.keys(CODECS)) expect(page).toContain(`| \`${name}\` |`);
});

test("W60 the tables are as the code is", async () => {
  expect(await withTables(page), "run `npm run -w packages/protocol generate` and commit the page").toBe(page);
});

test("W60 every limit has its reason in the table", () => {
  for (const name of Object.keys(LIMITS)) expect(page).toContain(`| \`${name}\` | `);
});

test("W60 the range of a close code says what to do", () => {
  for (const { code, action } of Object.values(CLOSES))
    if (code >= 4000) expect(action === "reconnect").toBe(code >= 4500);
});

test("W71 the page links the public tidegate.proto", async () => {
  const path = /\]\(([^)]*tidegate\.proto)\)/.exec(page)![1]!;
  expect(await Bun.file(join(PAGE, "..", path)).text()).toContain("package tidegate.v1;");
});
